using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Deployments;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Items;
using Yunpipe.Runs;
using Yunpipe.Tests.Workflows;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Deployments;

public sealed class DeploymentTests
{
    private const string Sweep = """
        name: sweep
        input: {location: ./in, table: plates.csv}
        steps:
          - {name: blur, algorithm: blur, matrix: {sigma: [1, 2.5]}}
          - {name: segment, algorithm: segment, variables: {model: ./model.pt, minArea: 20}, inputs: {image: blur}, resources: {memory: 3 GiB}}
        """;

    private const string Table = "path,plate\na.tif,P1\nb.tif,P2\n";

    [Fact]
    public void A_deployment_read_back_makes_the_jobs_of_whoever_deployed_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "plates.csv"), Table);
        var here = Here(folder.Path);
        var read = DeployedWorkflow.Read(Deployed(folder.Path, here).ToJson(), folder.Path, new NoLauncher());
        read.Problems.ShouldBeEmpty();
        var there = read.Value!;
        there.Plan.Steps.Select(step => step.Name).ShouldBe(["blur", "segment"]);
        there.Steps[1].Limits.Memory.ShouldBe(3L << 30);
        there.Steps[1].Algorithm.Resources.MemoryMinimum.Bytes.ShouldBe(3L << 30);
        var jobs = Jobs(there.Plan, there.Steps, Table);
        jobs.Count.ShouldBe(4);
        jobs.ShouldBe(Jobs(here.Plan, here.Steps, Table));
    }

    [Fact]
    public void The_document_is_stable()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "plates.csv"), Table);
        Golden.Check("deployment.json", Encoding.UTF8.GetString(Deployed(folder.Path, Here(folder.Path)).ToJson()));
    }

    [Theory]
    [InlineData("not json", "YP6101")]
    [InlineData("null", "YP6101")]
    [InlineData("""{"name": "x"}""", "YP6101")]
    [InlineData("""{"format": 7, "name": "x", "version": "9.0", "workflow": {}, "algorithms": {}, "input": {"bucket": "i"}, "store": {"bucket": "s"}, "steps": []}""", "YP6102")]
    [InlineData("""{"format": 1, "name": "x", "version": "1", "workflow": {"input": "./in", "steps": [{"name": "a", "algorithm": "blur"}]}, "algorithms": {}, "input": {"bucket": "i"}, "store": {"bucket": "s"}, "steps": []}""", "YP6103")]
    public void What_cannot_be_used_is_one_sentence(string json, string code) =>
        DeployedWorkflow.Read(Encoding.UTF8.GetBytes(json), Path.GetTempPath(), new NoLauncher()).Problems.ShouldContain(problem => problem.Code == code);

    [Fact]
    public void A_step_that_the_document_leaves_out_is_told()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "plates.csv"), Table);
        var deployed = Deployed(folder.Path, Here(folder.Path));
        var less = deployed with { Steps = [deployed.Steps[0]] };
        DeployedWorkflow.Read(less.ToJson(), folder.Path, new NoLauncher()).Problems.Single().ToString()
            .ShouldBe("YP6103: The deployment says nothing about the step “segment” of its workflow. Deploy the workflow again.");
    }

    private static (DocumentNode Document, Plan Plan, IReadOnlyList<StepProgram> Steps) Here(string folder)
    {
        var document = DocumentReader.Read(Sweep, "sweep.yaml").OrThrow();
        var plan = Planner.Plan(WorkflowReader.Read(Sweep, "sweep.yaml", folder, TestAlgorithms.Find).OrThrow()).OrThrow();
        var steps = plan.Steps.Select(step => new StepProgram(step, new NoLauncher(), new AlgorithmProgram("program of " + step.Name, "lab/x@sha256:1", null, new Dictionary<string, Digest>()),
            JobIdentity.OfAlgorithm(step.Algorithm, "program of " + step.Name, []), new SlotLimits(step.Algorithm.Resources.Cpu, step.Algorithm.Resources.MemoryMinimum.Bytes, 0, 4096, 64 << 20),
            // Reference data is known by its digest, wherever it lies.
            step.Values.ToDictionary(value => value.Key, value => value.Key == "model" ? VariableValue.Of("sha256:" + new string('5', 64)) : value.Value),
            step.Variants, new Dictionary<string, string>())).ToList();
        return (document, plan, steps);
    }

    private static Deployment Deployed(string folder, (DocumentNode Document, Plan Plan, IReadOnlyList<StepProgram> Steps) here) => new()
    {
        Name = "sweep", Version = "0.1.0", Made = 1_764_150_000_000, Workflow = DeploymentWriter.Workflow(here.Document), Table = File.ReadAllText(Path.Combine(folder, "plates.csv")),
        Algorithms = here.Plan.Workflow.Steps.ToDictionary(step => step.AlgorithmReference, step => DeploymentWriter.Algorithm(TestAlgorithms.Find(step.AlgorithmReference, "").OrThrow())),
        Input = new BucketPlace("lab-in", "plates/"), Store = new BucketPlace("lab-results"),
        Steps = [.. here.Steps.Select(step => DeploymentWriter.Step(step, step.Image, $"https://sqs.eu-central-1.amazonaws.com/1/{step.Name}",
            step.Name == "segment" ? new Dictionary<string, string> { ["sha256:" + new string('5', 64)] = "s3://lab-results/_yunpipe/references/5" } : new Dictionary<string, string>())
            with { Task = new DeployedTask($"sweep-{step.Name}:3", "algorithm", ["FARGATE_SPOT", "FARGATE"], 1024, 4096, 30720), Logs = $"sweep-{step.Name}-log" })],
        Cluster = new DeployedCluster("sweep", ["subnet-1"], ["sg-1"]), Dispatcher = "sweep-dispatcher",
    };

    private static List<string> Jobs(Plan plan, IReadOnlyList<StepProgram> steps, string table)
    {
        var items = ItemSource.Open(plan.Workflow.Input, path => new SourceFile(path, 3, "v-" + path), () => new StringReader(table)).OrThrow().Read([]).Select(found => found.Item!).ToList();
        var flows = new ItemFlows(steps, new Gathering(steps));
        return [.. items.SelectMany(item =>
        {
            var flow = new Flow(item.Key, isItem: true);
            flow.Add(-1, null, new StepResult(item, []));
            return flows.Ready(flow, steps[0]).Select(instance => $"{instance.Key} {instance.Job!.Key} {instance.Job.Id}");
        })];
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("yunpipe-deployment-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
