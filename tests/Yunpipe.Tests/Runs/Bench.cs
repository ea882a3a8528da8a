using System.Collections.Concurrent;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Items;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Runs;

/// <summary>What an algorithm of a test is told: its arguments, and its folder of outputs.</summary>
internal sealed record Call(IReadOnlyList<string> Arguments, string Out, IReadOnlyDictionary<string, string> Environment)
{
    public required AgentRun Run { get; init; }

    public string Read(int argument) => File.ReadAllText(Arguments[argument]);

    public void Write(string name, string text)
    {
        var path = Path.Combine(Out, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}

/// <summary>A launcher whose programs are functions: name to what it does and the exit code that it gives.</summary>
internal sealed class FunctionLauncher : ILauncher
{
    public Dictionary<string, Func<Call, int>> Programs { get; } = [];

    public ConcurrentQueue<string> Ran { get; } = new();

    public int Peak { get; private set; }

    /// <summary>Where set, every program says that it began, and runs until it is stopped.</summary>
    public SemaphoreSlim? Stopped { get; set; }

    private int _running;

    public string Name => "functions";
    public bool InputsAreWritable => true;

    public string Seen(string hostPath) => hostPath;

    public ValueTask<Reading<AlgorithmProgram>> Resolve(Algorithm algorithm, CancellationToken cancel) => ValueTask.FromResult(
        new Reading<AlgorithmProgram>(new AlgorithmProgram("program " + algorithm.Command.Tokens[0] + algorithm.Version, null, null, new Dictionary<string, Digest>()), []));

    public AgentDone Run(AlgorithmProgram program, SlotLimits limits, AgentRun run, CancellationToken stop)
    {
        lock (Programs) Peak = Math.Max(Peak, ++_running);
        try
        {
            Ran.Enqueue(string.Join(' ', run.Arguments.Select(argument => argument.Contains('/') ? Path.GetFileName(argument) : argument)));
            var use = new ResourceUse(1, 1, 1 << 20);
            Stopped?.Release();
            if (Stopped is not null) stop.WaitHandle.WaitOne();
            if (stop.IsCancellationRequested) return new AgentDone(run.Attempt, EndCause.Stopped, 15, use, "", 0);
            var code = Programs[run.Arguments[0]](new Call(run.Arguments, run.Directory + "/out", run.Environment) { Run = run });
            return code switch
            {
                < 0 and > -100 => new AgentDone(run.Attempt, EndCause.Signalled, -code, use, "", 0),
                -137 => new AgentDone(run.Attempt, EndCause.OutOfMemory, 9, use, "", 0),
                -201 => new AgentDone(run.Attempt, EndCause.DiskFull, 0, use, "", 0),
                -200 => new AgentDone(run.Attempt, EndCause.Lost, 0, use, "", 0, "gone"),
                _ => new AgentDone(run.Attempt, EndCause.Exited, code, use, code == 0 ? "" : "last words", 10),
            };
        }
        finally
        {
            lock (Programs) _running--;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A workflow over a temporary folder, run in this process with function programs.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("yunpipe-run-").FullName;

    public FunctionLauncher Launcher { get; } = new();

    public ConcurrentQueue<RunEvent> Events { get; } = new();

    public string In => Path.Combine(Folder, "in");
    public string Out => Path.Combine(Folder, "out");

    public Bench(params string[] files)
    {
        foreach (var file in files) Put(file, "content of " + file);
        Launcher.Programs["copy"] = call => { call.Write(call.Arguments[2], call.Read(1)); return 0; };
        Launcher.Programs["upper"] = call => { call.Write(call.Arguments[2], call.Read(1).ToUpperInvariant()); return 0; };
        Launcher.Programs["join"] = call => { call.Write(call.Arguments[1], string.Join('|', call.Arguments.Skip(2).Select(File.ReadAllText))); return 0; };
    }

    public void Put(string file, string text)
    {
        var path = Path.Combine(In, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        // Two writes within one tick of the file system's clock would be one version.
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(Interlocked.Increment(ref _ticks)));
    }

    private static long _ticks;

    public string Result(string path) => File.ReadAllText(Path.Combine(Out, path));

    public IReadOnlyList<string> View() => !Directory.Exists(Out) ? [] : [.. Directory.EnumerateFiles(Out, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Out, file)).Where(file => !file.StartsWith("_yunpipe", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>Algorithms by name: <c>copy</c> and <c>upper</c> write <c>${stem}.name</c>; others as the test says.</summary>
    public Dictionary<string, string> Algorithms { get; } = new()
    {
        ["copy"] = "{name: copy, command: [copy, '${image}', '${stem}.copy'], inputs: [image], outputs: {out: '${stem}.copy'}}",
        ["upper"] = "{name: upper, command: [upper, '${image}', '${stem}.upper'], inputs: [image], outputs: {out: '${stem}.upper'}}",
        ["join"] = "{name: join, command: [join, '${stem}.joined', '${parts}'], inputs: {parts: {list: true}}, outputs: {out: '${stem}.joined'}}",
    };

    public Plan Plan(string workflow)
    {
        var read = WorkflowReader.Read(workflow, "workflow.yaml", Folder, (name, _) => AlgorithmReader.Read(Algorithms[name], name + ".yaml", ""));
        read.Problems.ShouldBeEmpty();
        var plan = Planner.Plan(read.Value!);
        plan.Problems.ShouldBeEmpty();
        return plan.Value!;
    }

    public Task<RunSummary> Run(string workflow, int jobs = 4, bool retry = false, CancellationToken finish = default, CancellationToken stop = default) =>
        Run(workflow, new RunOptions(new Capacity(jobs, 0, [], jobs)) { RetrySetAside = retry }, finish, stop);

    public async Task<RunSummary> Run(string workflow, RunOptions options, CancellationToken finish = default, CancellationToken stop = default)
    {
        Launcher.Ran.Clear();
        Events.Clear();
        var settings = new LocalRunSettings(Plan(workflow), In, Out, null, options, new Holder(Environment.ProcessId, "test", DateTimeOffset.UtcNow.Ticks, "test"), Durable: false);
        var opened = await LocalRun.Open(settings, (_, _) => new LauncherSet(_ => new Reading<ILauncher>(Launcher, []), [Launcher]), Events.Enqueue, TimeProvider.System, CancellationToken.None);
        opened.Problems.ShouldBeEmpty();
        await using var run = Running = opened.Value!;
        return await run.Run.Execute(finish, stop);
    }

    /// <summary>What a run would do, each job that would run, and what is wrong with names.</summary>
    public async Task<(IReadOnlyList<StepForecast> Steps, IReadOnlyList<PlannedJob> Jobs, IReadOnlyList<string> Flaws)> Preview(string workflow)
    {
        var plan = Plan(workflow);
        var programs = await StepPrograms.Find(plan, _ => new(Launcher, []), new Capacity(4, 0, [], 4), default);
        await using var store = (IStore?)FolderStore.OpenToRead(new StoreLayout(Out)) ?? new MemoryStore();
        var location = new FolderLocation(In);
        var items = ItemSource.Open(plan.Workflow.Input, location.Stat).Value!;
        var jobs = new List<PlannedJob>();
        var preview = new RunPreview(plan, programs.Value!, store, jobs.Add);
        var steps = await preview.Walk(() => items.Read(location.List(items.StopsAt, items.Enters, default)), default);
        return (steps, jobs, [.. preview.Flaws.Sorted().Select(flaw => flaw.ToString())]);
    }

    /// <summary>The run that is under way, or was last.</summary>
    public LocalRun? Running { get; private set; }

    public async Task<IReadOnlyList<FailureRecord>> Failures()
    {
        await using var store = FolderStore.Open(new StoreLayout(Out));
        return await store.Failures(null, default).ToListAsync();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
