using Microsoft.Extensions.Time.Testing;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Queues;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Tests.Runs;
using Yunpipe.Work;

namespace Yunpipe.Tests.Work;

/// <summary>One queue, one store, and as many workers as a test wants, each with a keeper and a clock of its own. One step copies one item.</summary>
internal sealed class WorkerBench : IAsyncDisposable
{
    public static readonly TimeSpan LeaseLength = TimeSpan.FromMinutes(1);

    private readonly Bench _bench = new("a.txt");
    private readonly List<LeaseKeeper> _keepers = [];
    private int _workers;

    public WorkerBench()
    {
        Time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        Queue = new MemoryQueue(Time, LeaseLength);
        Store = FolderStore.Open(Layout, durable: false);
        Location = new FolderLocation(_bench.In);
    }

    public FakeTimeProvider Time { get; }
    public MemoryQueue Queue { get; }
    public FolderStore Store { get; private set; }
    public FolderLocation Location { get; }
    public FunctionLauncher Launcher => _bench.Launcher;
    public StoreLayout Layout => new(_bench.Out);
    public StepProgram Step { get; private set; } = null!;

    /// <summary>A file of the readable tree.</summary>
    public string Viewed(string path) => Path.Combine(_bench.Out, path);

    public async Task<Job> Enqueue(Func<Call, int> program)
    {
        _bench.Algorithms["work"] = "{name: work, command: [work, '${image}', '${stem}.w'], inputs: [image], outputs: {out: '${stem}.w'}}";
        Launcher.Programs["work"] = program;
        var plan = _bench.Plan("{input: ./in, steps: [{name: work, algorithm: work}]}");
        Step = (await StepPrograms.Find(plan, _ => new Reading<ILauncher>(Launcher, []), new Capacity(8, 0, [], 8), default)).OrThrow()[0];
        var file = Location.Stat("a.txt")!.Value;
        IReadOnlyList<JobInput> inputs = [new("image", [new InputMember("a.txt", Part.Of(new ItemFile(Place.Input, "a.txt", file.Version, file.Size)), new Dictionary<string, string>())])];
        var job = new Job
        {
            Id = JobIdentity.OfJob("work", Step.Identity, Step.Variables, inputs), Step = "work", Key = "a.txt", Origin = "a.txt",
            Meta = new Dictionary<string, string>(), Variables = Step.Variables, Inputs = inputs,
        };
        await Queue.Enqueue(job, default);
        return job;
    }

    /// <summary>A worker whose keeper goes by the queue's time; or, when it hangs, by a time that stands still.</summary>
    public Worker Worker(bool hangs = false)
    {
        var keeper = new LeaseKeeper(hangs ? new FakeTimeProvider() : Time, LeaseLength);
        _keepers.Add(keeper);
        return new Worker(Store, Location, new AttemptFolders(Layout.Attempts, $"w{++_workers}"), new DigestCache(), keeper, Template.Parse("${step}/${path}"), Time);
    }

    public async Task<JobEnd> Work(Worker worker, Lease lease) =>
        (await Task.Run(() => worker.Run(Step, [lease], Step.Limits, () => { }, CancellationToken.None))).ShouldHaveSingleItem();

    public async Task<Lease> Lease() => (await Queue.Lease(1, TimeSpan.Zero, default)).ShouldHaveSingleItem();

    /// <summary>Another process opens the same folder.</summary>
    public async Task Reopen()
    {
        await Store.DisposeAsync();
        Store = FolderStore.Open(Layout, durable: false);
    }

    public Task<List<Manifest>> Manifests() => Store.Manifests(null, default).ToListAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        foreach (var keeper in _keepers) await keeper.DisposeAsync();
        await Store.DisposeAsync();
        await Queue.DisposeAsync();
        await _bench.DisposeAsync();
    }
}
