using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Yunpipe.Algorithms;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Queues;
using Yunpipe.Aws.Stack;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Aws.Tests.Stack;
using Yunpipe.Deployments;
using Yunpipe.Dispatcher;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Queues;
using Yunpipe.Stores;
using Yunpipe.Tests.Runs;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>A deployed workflow in this process: the small AWS, a dispatcher under the runtime interface of Lambda, and tasks that work with the real worker
/// on functions for algorithms. What happens in the buckets is delivered when and how the test says.</summary>
internal sealed class CloudBench : IAsyncDisposable
{
    /// <summary>The rules of the stack, with the names that the buckets have here.</summary>
    public static readonly EventRules Rules = new(StackTemplate.Of(StackSamples.Sample("nuclei")), new Dictionary<string, string> { ["InputBucket"] = "in", ["WorkBucket"] = "work", ["ResultsBucket"] = "results" });
    private readonly ConcurrentQueue<S3Event> _happened = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentBag<Task> _tasks = [];
    private readonly AwsConnection _connection;
    private readonly S3Transfer _transfer = new(new S3Limits());
    private DeployedWorkflow _deployed = null!;
    private S3Store _store = null!;
    private readonly TimeSpan _patience;
    private int _messages;

    private CloudBench(Faults? faults, TimeProvider? time)
    {
        Aws = new SmallAws(faults, time);
        _patience = TimeSpan.FromSeconds(faults is null ? 60 : 3);
        _connection = Aws.Connect(_patience);
        Aws.Http.Hang = TimeSpan.FromSeconds(5);
        Lambda.Time = Time;
    }

    public SmallAws Aws { get; }

    /// <summary>All that ever happened in the buckets, delivered or not.</summary>
    public ConcurrentQueue<S3Event> History { get; } = new();
    public SmallLambda Lambda { get; } = new();

    /// <summary>The same algorithms, for a run on one machine.</summary>
    public Bench Local { get; } = new();
    public ShiftedTime Time { get; } = new();
    public MemoryStream Log { get; } = new();
    public int Shots { get; set; } = 100;

    /// <summary>The form in which events come; null for those of EventBridge and of S3 in turn.</summary>
    public Func<S3Event, JsonObject>? Form { get; set; }

    public Deployment Deployment => _deployed.Deployment;

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(Aws.Environment)
    {
        ["AWS_LAMBDA_RUNTIME_API"] = Lambda.Api, ["YUNPIPE_DEPLOYMENT"] = $"s3://work/{Yunpipe.Deployments.Deployment.ObjectName}", ["YUNPIPE_NOTICES"] = SmallSns.Topic,
    };

    /// <param name="time">The clock of AWS.</param>
    public static async Task<CloudBench> Open(string workflow, Faults? faults = null, int quiet = 1, bool cluster = true, int mostTasks = 3,
        Func<CloudBench, SmallTask, Task>? tasks = null, IReadOnlyDictionary<string, string>? algorithms = null, int lease = 20, TimeProvider? time = null)
    {
        var bench = new CloudBench(faults, time);
        foreach (var (name, text) in algorithms ?? new Dictionary<string, string>()) bench.Local.Algorithms[name] = text;
        foreach (var bucket in (string[])["in", "work", "results"]) bench.Aws.S3.Bucket(bucket);
        bench.Aws.S3.Bucket("in").Versioned = true;
        bench.Aws.Suspended = true;
        var plan = bench.Local.Plan(workflow);
        var steps = new List<DeployedStep>();
        foreach (var step in plan.Steps)
        {
            var program = (await bench.Local.Launcher.Resolve(step.Algorithm, default)).Value!;
            var made = new StepProgram(step, new NoLauncher(), program, JobIdentity.OfAlgorithm(step.Algorithm, program.Identity, []), new SlotLimits(1, 0, 0, 100, 0), step.Values, step.Variants, new Dictionary<string, string>());
            var queue = $"{bench.Aws.Http.Url}/000000000000/{step.Name}";
            bench.Aws.Sqs.Make(step.Name, $"{step.Name}-dead");
            steps.Add(DeploymentWriter.Step(made, "image", queue, new Dictionary<string, string>()) with
            {
                LeaseSeconds = lease, Task = new DeployedTask($"w-{step.Name}:1", "algorithm", ["FARGATE_SPOT", "FARGATE"], 256, 512, 8192, MostTasks: mostTasks), Logs = $"w-{step.Name}-log",
            });
            bench.Aws.Logs.Make($"w-{step.Name}-log");
        }
        var deployment = new Deployment
        {
            Name = "w", Version = "test", Workflow = DeploymentWriter.Workflow(DocumentReader.Read(workflow, "w.yaml").OrThrow()),
            Algorithms = plan.Steps.Select(step => step.Step).DistinctBy(step => step.AlgorithmReference).ToDictionary(step => step.AlgorithmReference, step => DeploymentWriter.Algorithm(step.Algorithm)),
            Input = new BucketPlace("in"), Store = new BucketPlace("work"), Results = new BucketPlace("results"), Steps = steps,
            Cluster = cluster ? new DeployedCluster("cluster", ["subnet-1"], ["sg-1"]) : null, Dispatcher = "w-dispatcher", Limits = new DeployedLimits { QuietSeconds = quiet },
        };
        bench.Put("work", Yunpipe.Deployments.Deployment.ObjectName, deployment.ToJson());
        bench.Aws.Functions.Put("w-dispatcher", bench.Lambda.Invoke);
        bench._deployed = DeployedWorkflow.Read(deployment.ToJson(), bench.Local.Folder, bench.Local.Launcher).OrThrow();
        var work = new S3Bucket(bench._connection.S3(), "work");
        bench._store = new S3Store(new S3StoreSettings(work, S3Layout.Deployment(""), new S3Bucket(bench._connection.S3(), "results"), "",
            name => plan.Steps.Any(step => step.Name == name && step.Readers.Count == 0), (_, _, _) => []), bench._transfer);
        bench.Aws.S3.Happened += happened =>
        {
            bench.History.Enqueue(happened);
            // Only what the template's rules let through reaches the dispatcher.
            if (Rules.Take(happened)) bench._happened.Enqueue(happened);
        };
        bench.Aws.Ecs.Begins = task => bench._tasks.Add(Task.Run(() => tasks is null ? bench.Work(task) : tasks(bench, task)));
        bench.Aws.Suspended = false;
        return bench;
    }

    /// <summary>Starts a dispatcher in this process.</summary>
    public async Task<CloudBench> Dispatching()
    {
        _tasks.Add(Task.Run(() => Loop().Run(_ending.Token)));
        await Lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));
        return this;
    }

    /// <summary>The dispatcher's loop as its Program puts it together.</summary>
    public DispatchLoop Loop()
    {
        var connection = Aws.Connect(_patience);
        return Composition.Loop(Environment, connection, Time, Log, Local.Folder);
    }

    public void Put(string bucket, string key, byte[] bytes)
    {
        var objects = Aws.S3.Bucket(bucket);
        lock (objects.Gate) objects.Put(key, [bytes]);
    }

    /// <summary>An upload; the local input gets it too.</summary>
    public void Upload(string path, string text)
    {
        Put("in", path, Encoding.UTF8.GetBytes(text));
        if (!path.EndsWith('/')) Local.Put(path, text);
    }

    public void Remove(string path)
    {
        var objects = Aws.S3.Bucket("in");
        lock (objects.Gate) objects.Delete(path);
        File.Delete(Path.Combine(Local.In, path));
    }

    public List<S3Event> TakeHappened()
    {
        var events = new List<S3Event>();
        while (_happened.TryDequeue(out var happened)) events.Add(happened);
        return events;
    }

    /// <summary>Delivers events through the queue, each form in turn, until none failed.</summary>
    public async Task Deliver(IReadOnlyList<S3Event>? events = null)
    {
        foreach (var some in (events ?? TakeHappened()).Chunk(Shots))
        {
            var left = some.ToDictionary(_ => $"m{Interlocked.Increment(ref _messages)}");
            for (var tries = 0; left.Count > 0; tries++)
            {
                tries.ShouldBeLessThan(50, $"an event fails for ever: {Logged[Math.Max(0, Logged.Length - 2000)..]}");
                var (good, text) = await Lambda.Invoke(EventForms.Queued(left.Select(entry => (entry.Key, (Form ?? (entry.Key[^1] % 2 == 0 ? EventForms.Bridged : EventForms.Notified))(entry.Value).ToJsonString()))).ToJsonString());
                if (!good) continue;
                var failed = JsonNode.Parse(text)!["batchItemFailures"]!.AsArray().Select(item => (string)item!["itemIdentifier"]!).ToHashSet();
                foreach (var id in left.Keys.Where(id => !failed.Contains(id)).ToList()) left.Remove(id);
            }
        }
    }

    /// <summary>One minute goes by on the dispatcher's clock.</summary>
    public async Task<JsonNode> Minute()
    {
        Time.Ahead += TimeSpan.FromMinutes(1);
        var (good, text) = await Lambda.Invoke("""{"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}""");
        good.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Delivers and lets minutes go by until the results are those of a run on one machine.</summary>
    /// <param name="fate">What becomes of events on their way.</param>
    /// <param name="until">Not before this is true.</param>
    /// <param name="mend">Called now and then, for what no event has told and the dispatcher's own sweep would find later.</param>
    public async Task Settle(Func<IReadOnlyList<S3Event>, IReadOnlyList<S3Event>>? fate = null, int minutes = 200, Func<bool>? until = null, Func<Task>? mend = null)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            await Deliver(fate?.Invoke(TakeHappened()));
            await Minute();
            if (mend is not null && minute % 50 == 49) await mend();
            if (minute > 3 && until?.Invoke() != false && _happened.IsEmpty && Results().SequenceEqual(LocalResults())) return;
            await Task.Delay(50);
        }
        Results().ShouldBe(LocalResults(), Logged[Math.Max(0, Logged.Length - 2000)..]);
    }

    /// <summary>What stands in the bucket of results: path and text.</summary>
    public IReadOnlyList<string> Results()
    {
        var objects = Aws.S3.Bucket("results");
        lock (objects.Gate) return [.. objects.After("").Select(key => $"{key}: {Encoding.UTF8.GetString(objects.Find(key)!.ToArray())}").Order(StringComparer.Ordinal)];
    }

    /// <summary>The same of a run on one machine that was made before; last steps only.</summary>
    public IReadOnlyList<string> LocalResults()
    {
        var last = _deployed.Plan.Steps.Where(step => step.Readers.Count == 0).Select(step => step.Name + "/").ToList();
        return [.. Local.View().Where(path => last.Exists(name => path.StartsWith(name, StringComparison.Ordinal))).Select(path => $"{path}: {Local.Result(path)}").Order(StringComparer.Ordinal)];
    }

    /// <summary>Records that the only job in a queue ran out of memory once.</summary>
    public async Task OutOfMemory(string step, int mebibytes)
    {
        var job = JobMessage.Read(Encoding.UTF8.GetBytes(Aws.Sqs.Bodies(step).Single())).Message!.Job!.ToJob();
        await _store.AddAttempt(step, job.Id, new AttemptRecord("a", 1, 2, null, Cause.OutOfMemory, MemoryLimit: (long)mebibytes << 20), default);
    }

    /// <summary>How often each manifest was written.</summary>
    public IReadOnlyList<int> ManifestWrites => [.. History.Where(happened => happened is { Bucket: "work", Created: true } && happened.Key.StartsWith("_yunpipe/manifests/", StringComparison.Ordinal)).GroupBy(happened => happened.Key).Select(writes => writes.Count())];

    public IReadOnlyList<string> Keys(string prefix)
    {
        var objects = Aws.S3.Bucket("work");
        lock (objects.Gate) return [.. objects.After("").Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];
    }

    public string Logged
    {
        get
        {
            lock (Log) return Encoding.UTF8.GetString(Log.ToArray());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_tasks).WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Lambda.DisposeAsync();
        _connection.Dispose();
        _transfer.Dispose();
        await Aws.DisposeAsync();
        await Local.DisposeAsync();
    }

    /// <summary>A task: it drains its step's queue, and ends when nothing comes for a moment.</summary>
    private async Task Work(SmallTask task)
    {
        var name = task.Definition["w-".Length..task.Definition.LastIndexOf(':')];
        var step = _deployed.Steps.First(own => own.Name == name);
        var queue = new SqsQueue(_connection.Sqs(), new SqsSettings(_deployed.StepOf(name).Queue, TimeSpan.FromSeconds(20), new LargeMessages(new S3Bucket(_connection.S3(), "work"), S3Layout.Deployment("")), _ => { }), TimeProvider.System);
        await using var leases = new LeaseKeeper(TimeProvider.System, TimeSpan.FromSeconds(20));
        var folders = new AttemptFolders(Path.Combine(Local.Folder, "attempts"), task.Arn[^32..], null, Path.Combine(Local.Folder, "logs"));
        var input = new S3Location(new S3Bucket(_connection.S3(), "in"), "", _transfer);
        var worker = new Worker(_store, input, folders, new DigestCache(), leases, _deployed.Plan.Workflow.Output.Layout, TimeProvider.System) { LooksFirst = true };
        while (!_ending.IsCancellationRequested && task.Stopped is null)
            try
            {
                var got = await queue.Lease(1, TimeSpan.FromSeconds(1), _ending.Token);
                if (got.Count == 0) break;
                await worker.Run(step, got, step.LimitsOf(got[0].Job), () => { }, _ending.Token);
            }
            catch (IOException)
            {
                // The service failed for longer than anybody waits; the message comes again.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        Aws.Ecs.End(task);
    }
}
