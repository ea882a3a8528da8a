using System.Data.Common;
using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Local.References;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Local.Runs;

/// <summary>What a local run is made of.</summary>
/// <param name="Output">The output folder; for a store elsewhere, a folder of this machine for what is under way.</param>
/// <param name="State">Another place for records and lock; null for inside the output folder.</param>
public sealed record LocalRunSettings(Plan Plan, string Input, string Output, string? State, RunOptions Options, Holder Self, bool Durable)
{
    /// <summary>How the run was asked for, to be left in the output; null leaves nothing.</summary>
    public LastRun? Asked { get; init; }

    /// <summary>Instead of the input folder.</summary>
    public ILocation? RemoteInput { get; init; }

    /// <summary>Instead of a store in the output folder.</summary>
    public IStore? RemoteStore { get; init; }

    /// <summary>Brings reference data of other places to this machine; null where all of it is here.</summary>
    public Func<Plan, CancellationToken, Task<Reading<BroughtPlan>>>? References { get; init; }
}

/// <summary>A run on one machine, put together: lock, store, launchers, worker, run. Everything that it holds is given back when it is disposed.</summary>
public sealed class LocalRun : IAsyncDisposable
{
    private readonly StoreLayout _layout;
    private readonly OutputLock _lock;
    private readonly IStore _store;
    private readonly IReadOnlyList<ILauncher> _launchers;
    private readonly LeaseKeeper _leases;

    private LocalRun(StoreLayout layout, OutputLock held, IStore store, IReadOnlyList<ILauncher> launchers, LeaseKeeper leases, Run run, IReadOnlyList<StepProgram> steps)
    {
        (_layout, _lock, _store, _launchers, _leases, Run, Steps) = (layout, held, store, launchers, leases, run, steps);
    }

    public Run Run { get; }
    public IReadOnlyList<StepProgram> Steps { get; }
    public IStore Store => _store;
    public StoreLayout Layout => _layout;
    public required InputFolder Input { get; init; }
    public required AttemptFolders Folders { get; init; }

    /// <summary>Takes the output folder and finds out what each step runs.</summary>
    /// <param name="launchers">Makes the launchers that steps ask for, once the folders are known.</param>
    public static async Task<Reading<LocalRun>> Open(LocalRunSettings settings, Func<StoreLayout, Plan, LauncherSet> launchers, Action<RunEvent> observe, TimeProvider time, CancellationToken cancel)
    {
        var input = settings.RemoteInput is { } remote ? InputFolder.Open(settings.Plan.Workflow, remote) : InputFolder.Open(settings.Plan.Workflow, settings.Input);
        if (input.Value is not { } items) return new(null, input.Problems);
        var layout = new StoreLayout(settings.Output, settings.State);
        if (items.Location is FolderLocation folder && Inside(folder.Root, layout.Root) is { } nested) return new(null, [nested]);
        OutputLock? held = null;
        LauncherSet? set = null;
        IStore? store = null;
        var opened = false;
        try
        {
            (held, var holder) = OutputLock.Take(layout, settings.Self);
            if (held is null) return new(null, [OutputLock.Held(layout, holder!)]);
            var references = settings.References is { } bring ? await bring(settings.Plan, cancel) : new(BroughtPlan.AsIs(settings.Plan), []);
            if (references.Value is not { } brought) return new(null, references.Problems);
            set = launchers(layout, brought.Plan);
            var steps = await StepPrograms.Find(brought, set.For, settings.Options.Capacity, cancel);
            if (steps.Value is not { } programs) return new(null, steps.Problems);
            store = settings.RemoteStore ?? FolderStore.Open(layout, settings.Durable);
            if (settings.RemoteStore is null) settings.Asked?.Write(layout);
            await ForgottenAttempts(layout, store, cancel);
            var leases = new LeaseKeeper(time, settings.Options.LeaseLength);
            var links = set.All.All(launcher => launcher.InputsAreWritable) ? LinkFolder.Make(layout) : null;
            var folders = new AttemptFolders(layout.Attempts, RunName(settings), links, layout.Logs) { RenewsOutputs = settings.RemoteStore is null };
            var worker = new Worker(store, items.Location, folders, new DigestCache(), leases, settings.Plan.Workflow.Output.Layout, time) { MemoryLimit = settings.Options.Capacity.Memory, LooksFirst = settings.RemoteStore is not null };
            var run = new Run(settings.Plan, programs, store, worker, () => items.Items(cancel), settings.Options, time, observe);
            opened = true;
            return new(new LocalRun(layout, held, store, set.All, leases, run, programs) { Input = items, Folders = folders }, []);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DbException)
        {
            var failure = Failure.From(error);
            return new(null, [new Problem("YP3002", $"The output folder “{layout.Root}” cannot be used: {(failure.Cause == Cause.DiskFull ? failure.Sentence : error.Message)}", null,
                failure.Cause == Cause.DiskFull ? null : "Choose a folder that you may write to, on a disk with space.")]);
        }
        finally
        {
            if (!opened)
            {
                foreach (var launcher in set?.All ?? []) await launcher.DisposeAsync();
                if (store is not null) await store.DisposeAsync();
                held?.Dispose();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Run.Dispose();
        foreach (var launcher in _launchers) await launcher.DisposeAsync();
        await _leases.DisposeAsync();
        try
        {
            await ForgottenAttempts(_layout, _store, CancellationToken.None);
            RunProgress.Forget(_layout);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What cannot be cleared now, on a disk that broke away under the run, is cleared when the next one begins.
        }
        await _store.DisposeAsync();
        LinkFolder.Remove(_layout);
        _lock.Dispose();
    }

    /// <summary>Tells this run's attempts from all others; in a store that other machines write too, from theirs.</summary>
    private static string RunName(LocalRunSettings settings) =>
        settings.RemoteStore is null ? settings.Self.Started.ToString("x", CultureInfo.InvariantCulture) : $"{settings.Self.Started:x}-{Guid.NewGuid():N}"[..24];

    /// <summary>An output inside the input would be found as input by the next run.</summary>
    private static Problem? Inside(string input, string output) =>
        (output + "/").StartsWith(input.TrimEnd('/') + "/", StringComparison.Ordinal)
            ? new Problem("YP2004", $"The output folder “{output}” lies inside the input folder, so results would be taken for input.", null, "Choose a folder beside it.") : null;

    /// <summary>Deletes what attempts and their agents have left, killed ones too; folders that a failure names stay, to be looked at.</summary>
    private static async Task ForgottenAttempts(StoreLayout layout, IStore store, CancellationToken cancel)
    {
        if (!Directory.Exists(layout.Attempts)) return;
        var named = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var failure in store.Failures(null, cancel))
            foreach (var attempt in failure.Attempts) named.Add(attempt.Id);
        foreach (var folder in Directory.EnumerateDirectories(layout.Attempts))
            if (!named.Contains(Path.GetFileName(folder))) AttemptFolders.Delete(folder);
        // Agents and engines wrote their last words beside the folders of logs.
        if (!Directory.Exists(layout.Logs)) return;
        foreach (var file in Directory.EnumerateFiles(layout.Logs)) File.Delete(file);
    }
}
