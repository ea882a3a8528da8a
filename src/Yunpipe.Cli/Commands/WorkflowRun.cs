using System.CommandLine;
using System.Data.Common;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Documents;
using Yunpipe.Local.Launchers;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary>One run from the command line: finds capacity and launcher, runs, and tells how it goes and how it went.</summary>
internal sealed class WorkflowRun(CliContext context, WorkflowFile file, ParseResult parse, RunOptionSet options)
{
    /// <summary>Workers block their threads; these are for all the rest.</summary>
    private const int FurtherThreads = 8;

    private readonly Terminal _terminal = context.Terminal;
    private readonly bool _json = parse.GetValue(GlobalOptions.Json);
    private readonly IReadOnlyList<string> _only = parse.GetValue(options.Only) ?? [];

    private WatchMode Mode => _json ? WatchMode.Documents : parse.GetValue(GlobalOptions.Quiet) ? WatchMode.Quiet : _terminal.IsTerminal ? WatchMode.Live : WatchMode.Lines;

    public async Task<int> Execute()
    {
        var limits = options.Capacity.Read(parse, file.Plan, context.Environment, context.Interrupts.Finish);
        if (limits.Value is not { } capacity) return _terminal.Tell(limits.Problems, _json);
        var choice = await Launching.Choose(context, file.Plan, parse.GetValue(options.Launcher), context.Interrupts.Finish);
        if (choice.Value is not { } chosen) return _terminal.Tell(choice.Problems, _json);
        ThreadPool.SetMinThreads(capacity.Jobs + FurtherThreads, capacity.Jobs + FurtherThreads);
        ThreadPool.GetMaxThreads(out var most, out var ports);
        if (most < capacity.Jobs * 2 + FurtherThreads) ThreadPool.SetMaxThreads(capacity.Jobs * 2 + FurtherThreads, ports);

        using var places = IsRemote ? new S3Places(context) : null;
        var remote = Remote(places);
        if (remote.Value is not { } elsewhere) return _terminal.Tell(remote.Problems, _json);

        var watch = new RunWatch(_terminal, Mode, context.Time, context.Interrupts);
        var launchers = Launching.Maker(context, chosen, elsewhere.Input is null ? file.Input! : Directory.CreateDirectory(Path.Combine(elsewhere.Scratch, "in")).FullName, watch.Say);
        using var references = new ReferenceData(context, _json || Mode == WatchMode.Quiet) { NoSign = parse.GetValue(options.S3.NoSign), Payer = parse.GetValue(options.S3.Payer) };
        var opened = await LocalRun.Open(Settings(capacity, elsewhere) with { References = references.Bring }, launchers, watch.Observer.Hear, context.Time, context.Interrupts.Finish);
        if (opened.Value is not { } run) return _terminal.Tell(opened.Problems, _json);
        var (ending, failed) = await Run(run, watch, chosen, capacity);
        if (ending is null) return _terminal.Tell(new YunpipeException(failed!), verbose: false);
        if (_json) _terminal.Out.WriteLine(EventJson.Line(ending.ToDocument()));
        else if (ending.Code == ExitCode.NothingToRun)
            foreach (var line in ending.ToLines()) _terminal.Error.WriteLine(line);
        else if (Mode != WatchMode.Quiet)
            foreach (var line in ending.ToLines()) _terminal.Out.WriteLine(line);
        return ending.Code;
    }

    private async Task<(RunEnding? Ending, Problem? Failed)> Run(LocalRun run, RunWatch watch, LauncherChoice launcher, Capacity capacity)
    {
        await using var giveBack = run;
        try
        {
            await using var watching = watch;
            Begin(run, watch, launcher, capacity);
            var summary = await run.Run.Execute(context.Interrupts.Finish, context.Interrupts.Stop);
            var elapsed = watch.Elapsed;
            await Report(watch, summary);
            var workflow = file.Plan.Workflow;
            return (new RunEnding(workflow.Name, file.Output!, summary, run.Input.Source.Counts, workflow.Input.Pattern, file.Input!, _only, elapsed, watch.Observer.Unnamed), null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DbException)
        {
            var place = Wording.Quote(Words.Path(file.Output!));
            return (null, new Problem("YP3004", $"The run cannot go on in {place}: {error.Message.TrimEnd('.')}.", null, "Mend that, and the same command goes on."));
        }
    }

    private bool IsRemote => S3Address.Names(file.Input) || S3Address.Names(file.Output);

    /// <summary>Input or results in a bucket.</summary>
    private sealed record Elsewhere(ILocation? Input, IStore? Store, string Scratch);

    private Reading<Elsewhere> Remote(S3Places? places)
    {
        if (places is null) return new(new Elsewhere(null, null, ""), []);
        var problems = new List<Problem>();
        ILocation? input = null;
        IStore? store = null;
        if (S3Address.Names(file.Input))
        {
            var location = places.Location(file.Input!, parse.GetValue(options.S3.NoSign), parse.GetValue(options.S3.Payer));
            input = location.Value;
            problems.AddRange(location.Problems);
        }
        if (S3Address.Names(file.Output))
        {
            var opened = places.Store(file.Output!, step => file.Plan.Steps.Any(own => own.Name == step && own.Readers.Count == 0));
            store = opened.Value;
            problems.AddRange(opened.Problems);
        }
        return new(problems.Count == 0 ? new Elsewhere(input, store, store is null ? Path.Combine(Path.GetFullPath(file.Output!), "_yunpipe") : file.State ?? places.Scratch(file.Input, file.Output)) : null, problems);
    }

    /// <summary>Leaves report.html and trace.csv in the output.</summary>
    private async Task Report(RunWatch watch, RunSummary summary)
    {
        if (parse.GetValue(options.NoReport) || S3Address.Names(file.Output) || summary.Items + summary.ItemsSetAside == 0 || context.Interrupts.Stop.IsCancellationRequested) return;
        var changed = watch.Observer.SetAside > 0 || summary.Steps.Any(step => step.Ran + step.Adopted > 0);
        var stop = context.Interrupts.Stop;
        try
        {
            if (await ReportCommand.AtEnd(context, file, changed, stop) is { } problem) watch.Say(problem.ToString());
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            watch.Say($"The report was not written: yunpipe report {Words.Argument(Words.Path(file.Output!))} does it.");
        }
    }

    private void Begin(LocalRun run, RunWatch watch, LauncherChoice launcher, Capacity capacity)
    {
        var workflow = file.Plan.Workflow.Name;
        var engine = launcher.Engine?.Name ?? "process";
        if (_json)
            _terminal.Out.WriteLine(EventJson.Line(new StartDocument(workflow, file.Input!, file.Output!, [.. file.Plan.Steps.Select(step => step.Name)], engine,
                capacity.Cpu, capacity.Memory, capacity.Gpus, capacity.Jobs)));
        else
        {
            if (Launching.Images(file.Plan).Count > 0) watch.Say($"Running in {launcher.Why}.");
            var folders = $"{Words.Path(file.Input!)} → {Words.Path(file.Output!)}";
            watch.Say($"{workflow}: {Words.Count(file.Plan.Steps.Count, "step")}, {folders}, up to {Words.Count(capacity.Jobs, "job")} at once.");
        }
        var takes = Options(capacity);
        watch.Begin(run.Run, file.Plan, workflow, cancel => run.Input.Count(takes.Takes, cancel), S3Address.Names(file.Output) ? null : rows => Note(run, rows));
    }

    /// <summary>For <c>status</c> and <c>logs</c>, which look from elsewhere.</summary>
    private void Note(LocalRun run, IReadOnlyList<StepRow> rows) => new RunProgress(Environment.ProcessId, context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        [.. rows.Select(row => new StepPace(row.Name, row.Waiting, row.Running, row.Rate * 60, row.Left?.TotalSeconds))],
        [.. run.Folders.Live.SelectMany(attempt => attempt.Jobs.Select(job => new RunningJob(attempt.Step, job.Key, job.Id.ToString(), attempt.Id, attempt.Started)))]).TryWrite(new StoreLayout(file.Output!, file.State));

    private LocalRunSettings Settings(Capacity capacity, Elsewhere elsewhere)
    {
        var now = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var self = new Holder(Environment.ProcessId, Environment.MachineName, now, $"yunpipe run {parse.GetValue(options.Workflow.Workflow)}".TrimEnd());
        var (output, state) = elsewhere.Store is null ? (file.Output!, file.State) : (elsewhere.Scratch, null);
        return new LocalRunSettings(file.Plan, file.Input!, output, state, Options(capacity), self, !parse.GetValue(options.NoFlush))
        {
            Asked = Asked(), RemoteInput = elsewhere.Input, RemoteStore = elsewhere.Store,
        };
    }

    private LastRun Asked()
    {
        var from = parse.GetValue(options.Workflow.Workflow) is { } path && File.Exists(path) ? Path.GetFullPath(path) : null;
        return new LastRun([.. parse.Tokens.Select(token => token.Value)], Directory.GetCurrentDirectory(), from, S3Address.Names(file.Input) ? file.Input! : Path.GetFullPath(file.Input!),
            parse.GetValue(options.Workflow.Set) ?? [], parse.GetValue(options.Launcher));
    }

    private RunOptions Options(Capacity capacity) => new(capacity) { RetrySetAside = parse.GetValue(options.Retry), Only = _only };
}
