using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Aws.Queues;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Aws.Tests.Queues;
using Yunpipe.Aws.Tests.Stores;
using Yunpipe.Deployments;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Aws.Tests.Work;

/// <summary>A deployment of one step in the small AWS: its document, its queue, its buckets; and jobs for what was put into them.</summary>
internal sealed class DeploymentBench : IAsyncDisposable
{
    /// <summary>The function that its document names; nothing is behind it unless a test says so.</summary>
    public const string Dispatcher = "bench-dispatcher";

    private readonly string _script;

    private DeploymentBench(SmallAws aws, TestBuckets buckets)
    {
        (Aws, Buckets) = (aws, buckets);
        Folder = Directory.CreateTempSubdirectory("yunpipe-work-").FullName;
        _script = Path.Combine(Folder, "work.sh");
    }

    public SmallAws Aws { get; }
    public TestBuckets Buckets { get; }
    public string Folder { get; }
    public SqsQueue Queue { get; private set; } = null!;
    public string QueueUrl { get; private set; } = "";
    public StepProgram Step { get; private set; } = null!;

    public string DeploymentPlace => $"s3://{Buckets.Work.Name}/{Deployment.ObjectName}";

    public IReadOnlyList<string> Waiting => Aws.Sqs.Bodies(QueueUrl.Split('/')[^1]);

    /// <summary>Messages in the queue, whoever holds them; wherever SQS is.</summary>
    public async Task<long> Left()
    {
        var (waiting, held) = await Queue.Count(default);
        return waiting + held;
    }

    /// <param name="script">A shell script that reads $1 and writes $2.</param>
    /// <param name="more">Further fields of the algorithm, such as its isolation.</param>
    public static async Task<DeploymentBench> Make(string script, string more = "", SmallAws? aws = null, int lease = 300, string? logs = null)
    {
        aws ??= new SmallAws();
        var bench = new DeploymentBench(aws, await TestBuckets.Make(aws.Connect()));
        await File.WriteAllTextAsync(bench._script, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(bench._script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var (queue, url) = await TestQueue.Make(bench.Buckets.Connection, TimeSpan.FromMinutes(1), TimeProvider.System, new LargeMessages(bench.Buckets.Work, bench.Buckets.Layout));
        (bench.Queue, bench.QueueUrl) = (queue, url);
        await bench.Deploy(more, lease, logs);
        return bench;
    }

    /// <summary>Further words of the command, each behind a comma.</summary>
    public string Words { get; set; } = "";

    /// <summary>Reference data of the step: digest to place. Variables name it by digest.</summary>
    public IReadOnlyDictionary<string, string> References { get; set; } = new Dictionary<string, string>();

    /// <summary>Deploys the step again, with further fields of its algorithm.</summary>
    public Task Change(string more) => Deploy(", " + more, 300, null);

    /// <summary>Puts an image into the bucket, and its job into the queue.</summary>
    public async Task<Job> Send(string key, string content)
    {
        var version = await Buckets.Work.Put("in/" + key, Encoding.UTF8.GetBytes(content), default);
        IReadOnlyList<JobInput> inputs = [new("image", [new InputMember(key, Part.Of(new ItemFile(Place.Input, key, version, content.Length)), new Dictionary<string, string>())])];
        var job = new Job
        {
            Id = JobIdentity.OfJob("work", Step.Identity, Step.Variables, inputs), Step = "work", Key = key, Origin = key,
            Meta = new Dictionary<string, string>(), Variables = Step.Variables, Inputs = inputs,
        };
        await Queue.Enqueue(job, default);
        return job;
    }

    public string? Result(string name) => Buckets.Viewed("work/" + name);

    public ValueTask<Manifest?> Manifest(Job job) => Buckets.Store().Find("work", job.Id, default);

    public async ValueTask DisposeAsync()
    {
        await Buckets.DisposeAsync();
        await Aws.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task Deploy(string more, int lease, string? logs)
    {
        var algorithm = AlgorithmReader.Read($$"""{name: work, command: ["{{_script}}", "${image}", "${out}/${stem}.out"{{Words}}], inputs: [image], outputs: {result: "${stem}.out"}{{more}}}""", "work.yaml", "").OrThrow();
        const string text = "{name: bench, input: ./in, steps: [{name: work, algorithm: work}], output: ./out}";
        var plan = Planner.Plan(WorkflowReader.Read(text, "bench.yaml", "", (_, _) => new Reading<Algorithm>(algorithm, [])).OrThrow()).OrThrow();
        var step = plan.Steps[0];
        // As a worker on this machine finds it, too.
        var program = $"process {ContentDigest.OfFile(_script)}";
        Step = new StepProgram(step, new NoLauncher(), new AlgorithmProgram(program, null, null, new Dictionary<string, Digest>()),
            JobIdentity.OfAlgorithm(algorithm, program, []), new SlotLimits(1, 0, 0, 4096, 0), step.Values, step.Variants, new Dictionary<string, string>());
        var deployment = new Deployment
        {
            Name = "bench", Version = "0.1.0", Workflow = DeploymentWriter.Workflow(DocumentReader.Read(text, "bench.yaml").OrThrow()),
            Algorithms = new Dictionary<string, System.Text.Json.JsonElement> { ["work"] = DeploymentWriter.Algorithm(algorithm) },
            Input = new BucketPlace(Buckets.Work.Name, "in/"), Store = new BucketPlace(Buckets.Work.Name), Results = new BucketPlace(Buckets.Results.Name), Dispatcher = Dispatcher,
            Steps = [DeploymentWriter.Step(Step, Step.Image, QueueUrl, References) with { LeaseSeconds = lease, Logs = logs }],
        };
        await Buckets.Work.Put(Deployment.ObjectName, deployment.ToJson(), default);
    }
}
