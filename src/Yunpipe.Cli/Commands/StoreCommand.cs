using System.CommandLine;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe store copy</c>: records and outputs from a folder to a bucket or back, after which a run goes on at either.</summary>
internal static class StoreCommand
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public static Command Create(CliContext context)
    {
        var from = new Argument<string>("from") { Description = "An output folder, or s3://bucket/prefix.", HelpName = "FROM" };
        var to = new Argument<string>("to") { Description = "Where to copy to: the same.", HelpName = "TO" };
        var copy = new Command("copy", """
            Copies records and outputs of a run to another place: a folder to a bucket, or back. What is there already stays.
              A run with that place as its output then goes on where it was, and makes the readable results there.
            """) { from, to };
        copy.SetAction((parse, cancel) => Copy(context, parse.GetRequiredValue(from), parse.GetRequiredValue(to), parse.GetValue(GlobalOptions.Json), parse.GetValue(GlobalOptions.Quiet), cancel));
        return new Command("store", "Works on the records and outputs of a run.") { copy };
    }

    private static async Task<int> Copy(CliContext context, string from, string to, bool json, bool quiet, CancellationToken cancel)
    {
        using var places = new S3Places(context);
        var source = Source(places, from);
        if (source.Value is not { } reading) return context.Terminal.Tell(source.Problems, json);
        await using var opened = reading;
        var (target, held, problems) = Target(context, places, to);
        using var _ = held;
        if (target is null) return context.Terminal.Tell(problems, json);
        var scratch = S3Address.Names(to) ? Directory.CreateTempSubdirectory("yunpipe-copy-").FullName : Path.Combine(new StoreLayout(to).Attempts, "copy");
        var copy = new StoreCopy(reading, target, Directory.CreateDirectory(scratch).FullName);
        try
        {
            await using var writing = target;
            await Watch(context.Terminal, copy, copy.Run(cancel), json || quiet, cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return context.Terminal.Tell([new Problem("YP6030", $"The copy cannot go on: {error.Message.TrimEnd('.')}.", null, "Mend that, and the same command goes on.")], json);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
        var counts = copy.Counts;
        if (json) context.Terminal.Json(new StoreCopyDocument(from, to, counts.Copied, counts.There, counts.Released, counts.Failures, counts.Bytes), VerbsJson.Default.StoreCopyDocument);
        else
            context.Terminal.Out.WriteLine($"{Words.Count(counts.Copied, "job")} copied ({new ByteSize(counts.Bytes)}), {counts.There} were there already"
                + (counts.Released > 0 ? $", {counts.Released} without their released outputs" : "") + (counts.Failures > 0 ? $", {Words.Count(counts.Failures, "failure")}" : "") + ".");
        return ExitCode.AllDone;
    }

    private static Reading<IStore> Source(S3Places places, string from)
    {
        if (S3Address.Names(from)) return places.Store(from, _ => true) is var remote && remote.Value is { } bucket ? new(bucket, []) : new(null, remote.Problems);
        var found = StoreFolder.Find(from, null);
        if (found.Value is not { } layout) return new(null, found.Problems);
        var opened = StoreFolder.Open(layout);
        return new(opened.Value, opened.Problems);
    }

    private static (IStore? Store, OutputLock? Held, IReadOnlyList<Problem> Problems) Target(CliContext context, S3Places places, string to)
    {
        if (S3Address.Names(to)) return places.Store(to, _ => true) is var remote && remote.Value is { } bucket ? (bucket, null, []) : (null, null, remote.Problems);
        var layout = new StoreLayout(to);
        var taken = StoreFolder.Take(layout, context, "store copy");
        return taken.Value is { } held ? (FolderStore.Open(layout), held, []) : (null, null, taken.Problems);
    }

    /// <summary>A line every other second while it goes on.</summary>
    private static async Task Watch(Terminal terminal, StoreCopy copy, Task work, bool silent, CancellationToken cancel)
    {
        while (await Task.WhenAny(work, Task.Delay(Every, cancel)) != work)
            if (!silent) terminal.Error.WriteLine($"{Words.Count(copy.Counts.Copied, "job")} copied ({new ByteSize(copy.Counts.Bytes)}), {copy.Counts.There} were there …");
        await work;
    }
}

internal sealed record StoreCopyDocument(string From, string To, long Copied, long There, long Released, long Failures, long Bytes);
