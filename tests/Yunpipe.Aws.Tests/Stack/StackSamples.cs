using Yunpipe.Algorithms;
using Yunpipe.Aws.Deploying;
using Yunpipe.Aws.Stack;
using Yunpipe.Documents;
using Yunpipe.Tests;
using Yunpipe.Workflows;

namespace Yunpipe.Aws.Tests.Stack;

/// <summary>Stacks of the repository's own samples, and one that uses everything a stack can hold.</summary>
internal static class StackSamples
{
    public static StackSpec Sample(string name) => Of(name, Plan($"samples/{name}/workflow.yaml"), new CapacityChoice());

    /// <summary>A GPU step on spot machines and a Fargate step, in the user's own buckets and network.</summary>
    public static StackSpec Everything() => Of("everything", Plan(Read("""
        input: ./in
        steps:
          - {name: blur, algorithm: blur, inputs: {image: input}}
          - {name: cell_masks, algorithm: cellpose, inputs: {image: blur}, variables: {model: "./cyto3"}}
          - {name: all, algorithm: montage, inputs: {images: cell_masks.labels}, gather: all}
        """)), new CapacityChoice(Spot: true)) with
    {
        Input = new BucketChoice("lab-microscope", "plates/"), Results = new BucketChoice("lab-results", "2025/"), Mail = "lab@example.org",
        Network = new OwnNetwork(["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"], ["sg-0a1b2c3d4e5f60718"], PublicAddresses: false), IntermediateDays = 7,
    };

    public static Plan Plan(string path) => Plan(WorkflowReader.Read(File.ReadAllText(Path.Combine(Golden.Root, path)), path, Path.Combine(Golden.Root, Path.GetDirectoryName(path)!), Find));

    public static Reading<Workflow> Read(string text) => WorkflowReader.Read(text, "workflow.yaml", "/", Find);

    public static Plan Plan(Reading<Workflow> workflow) => Planner.Plan(workflow.OrThrow()).OrThrow();

    private static StackSpec Of(string name, Plan plan, CapacityChoice choice) => new()
    {
        Name = name, Version = "1.0.0", Owner = "imaging", Steps = StackSteps.Of(plan, Images(plan), References(plan), choice).OrThrow(),
        Dispatcher = new AssetPlace(DeploymentNames.StagingInTemplate, "dispatcher/0123456789abcdef.zip"),
    };

    public static Dictionary<string, StackImage> Images(Plan plan) => plan.Steps.ToDictionary(step => step.Name, step => new StackImage(
        $"{DeploymentNames.RegistryInTemplate}/yunpipe/sample@sha256:{new string('a', 64)}", DeploymentNames.RepositoryArnInTemplate("yunpipe/sample")));

    private static Dictionary<string, IReadOnlyList<string>> References(Plan plan) =>
        plan.Steps.Where(step => step.Name == "cell_masks").ToDictionary(step => step.Name, _ => (IReadOnlyList<string>)["lab-models/cyto3", $"{DeploymentNames.StagingInTemplate}/references/everything/atlas/*"]);

    private static Reading<Algorithm> Find(string reference, string directory) => reference == "cellpose"
        ? AlgorithmReader.Read(Path.Combine(Golden.Root, "catalogue/cellpose.yaml"))
        : AlgorithmReader.Read(Path.Combine(Golden.Root, $"src/Yunpipe.Toolbox/algorithms/{reference}.yaml"));
}
