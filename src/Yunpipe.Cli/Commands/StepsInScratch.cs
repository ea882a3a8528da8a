using Yunpipe.Aws.Stores;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Work;

namespace Yunpipe.Cli.Commands;

/// <summary>What each step would run, found out as a run does, with launchers that work in a temporary folder and leave the output alone.</summary>
internal sealed class StepsInScratch : IAsyncDisposable
{
    private readonly LauncherSet? _launchers;

    private StepsInScratch(string folder, LauncherSet? launchers, Reading<IReadOnlyList<StepProgram>> steps) => (Folder, _launchers, Steps) = (folder, launchers, steps);

    /// <summary>Gone afterwards, unless it is to be kept.</summary>
    public string Folder { get; }

    public bool Keep { get; set; }

    public StoreLayout Layout => new(Path.Combine(Folder, "out"));

    public Reading<IReadOnlyList<StepProgram>> Steps { get; }

    /// <summary>Places of reference data that was not brought here, with their bytes.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Missing { get; private init; } = [];

    /// <param name="jobs">Kept outputs that the launchers are to show to their programs; null for none.</param>
    public static async Task<StepsInScratch> Find(CliContext context, WorkflowFile file, ReferenceData references, string? launcher, Capacity capacity, CancellationToken cancel, string? jobs = null)
    {
        var folder = Directory.CreateTempSubdirectory("yunpipe-").FullName;
        LauncherSet? set = null;
        try
        {
            var choice = await Launching.Choose(context, file.Plan, launcher, cancel);
            if (choice.Value is not { } chosen) return new StepsInScratch(folder, null, new(null, choice.Problems));
            var here = await references.Bring(file.Plan, cancel);
            if (here.Value is not { } brought) return new StepsInScratch(folder, null, new(null, here.Problems));
            set = Launching.Maker(context, chosen, S3Address.Names(file.Input) ? Directory.CreateDirectory(Path.Combine(folder, "in")).FullName : file.Input!, context.Terminal.Error.WriteLine, jobs)(new StoreLayout(Path.Combine(folder, "out")), brought.Plan);
            return new StepsInScratch(folder, set, await StepPrograms.Find(brought, set.For, capacity, cancel)) { Missing = brought.Missing };
        }
        catch
        {
            await new StepsInScratch(folder, set, new(null, [])).DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var launcher in _launchers?.All ?? []) await launcher.DisposeAsync();
        if (!Keep) AttemptFolders.Delete(Folder);
    }
}
