using System.CommandLine;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary>How a verb that looks at results is told where they are: by name, or by where its jobs or the current folder lie.</summary>
internal static class StoreFolder
{
    public static Argument<string> Argument() => new("output") { Description = "The output folder of a run.", HelpName = "OUT" };

    public static Option<string?> Option() => new("--output", "-o") { Description = "The output folder of a run. [the one that JOB or the current folder lies in]", HelpName = "OUT" };

    public static Option<string?> State() => new("--state") { Description = "Where the run keeps its records, if not in the output folder.", HelpName = "DIR" };

    /// <summary>The folder that is meant, if there are records in it.</summary>
    /// <param name="near">A path that may lie in the output folder.</param>
    public static Reading<StoreLayout> Find(string? output, string? state, string? near = null)
    {
        if (output is null && state is null)
            foreach (var from in (ReadOnlySpan<string>)[near ?? ".", "."])
                for (var folder = Path.GetFullPath(from); folder is not null; folder = Path.GetDirectoryName(folder))
                    if (File.Exists(new StoreLayout(folder).State)) return new(new StoreLayout(folder), []);
        var layout = new StoreLayout(output ?? ".", state);
        if (File.Exists(layout.State)) return new(layout, []);
        return new(null, [output is null
            ? new Problem("YP5010", "It is not clear in which output folder to look.", null, "Say which: --output OUT.")
            : new Problem("YP5010", Directory.Exists(layout.Root) ? $"Nothing was run into “{layout.Root}”: it has no {StoreLayout.Own}/state.db." : $"There is no folder “{layout.Root}”.", null,
                "Name the output folder of a run, and its --state if it had one.")]);
    }

    /// <summary>Opens the records to look at them.</summary>
    public static Reading<FolderStore> Open(StoreLayout layout) => FolderStore.OpenToRead(layout) is { } store
        ? new(store, []) : new(null, [new Problem("YP5010", $"Nothing was run into “{layout.Root}” yet.")]);

    /// <summary>Takes the output for a change: nobody runs on it meanwhile.</summary>
    public static Reading<OutputLock> Take(StoreLayout layout, CliContext context, string verb)
    {
        var self = new Holder(Environment.ProcessId, Environment.MachineName, context.Time.GetUtcNow().ToUnixTimeMilliseconds(), "yunpipe " + verb);
        var (held, holder) = OutputLock.Take(layout, self);
        return held is null ? new(null, [OutputLock.Held(layout, holder!)]) : new(held, []);
    }
}
