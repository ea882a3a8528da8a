using System.CommandLine;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Items;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe items</c>: how names become items, before anything runs.</summary>
internal static class ItemsCommand
{
    private const int First = 20;

    public static Command Create(CliContext context)
    {
        var workflow = new WorkflowOptions();
        var all = new Option<bool>("--all") { Description = $"List every item and problem, not the first {First}." };
        var buckets = new S3Options();
        var command = new Command("items", "Shows how the names of a workflow's input become items: keys, metadata and parts, and what each lacks.") { workflow.Workflow, workflow.Input, all, buckets.NoSign, buckets.Payer };
        command.SetAction(parse => Run(context, parse, workflow, buckets, parse.GetValue(all)));
        return command;
    }

    private static int Run(CliContext context, ParseResult parse, WorkflowOptions options, S3Options buckets, bool all)
    {
        var json = parse.GetValue(GlobalOptions.Json);
        var read = WorkflowFile.Read(context, parse.GetRequiredValue(options.Workflow), parse.GetValue(options.Input), null, null, [], FolderNeeds.Input | FolderNeeds.Buckets);
        if (read.Value is not { } file) return context.Terminal.Tell(read.Problems, json);
        using var places = S3Address.Names(file.Input) ? new S3Places(context) : null;
        var input = S3Places.Images(places, file, parse.GetValue(buckets.NoSign), parse.GetValue(buckets.Payer));
        if (input.Value is not { } folder) return context.Terminal.Tell(input.Problems, json);
        ItemListing listing;
        try
        {
            listing = folder.List(all ? int.MaxValue : First, CancellationToken.None);
        }
        catch (Exception error) when (places is not null && error is IOException or UnauthorizedAccessException)
        {
            return context.Terminal.Tell([S3Places.Unreadable(error)], json);
        }
        if (json) context.Terminal.Json(ItemsDocument.Of(listing), VerbsJson.Default.ItemsDocument);
        else context.Terminal.Out.Write(listing.ToText());
        return listing.Counts.Items == 0 ? ExitCode.NothingToRun : listing.Counts.Problems > 0 ? ExitCode.SomeSetAside : ExitCode.AllDone;
    }
}

/// <summary>Items and what could not become one: the first of each, and the number of all.</summary>
internal sealed record ItemsDocument(IReadOnlyList<ItemDocument> Items, IReadOnlyList<ItemProblemDocument> Problems, ItemCounts Counts)
{
    public static ItemsDocument Of(ItemListing listing) => new(
        [.. listing.Rows.Select(row => new ItemDocument(row.Key, row.Parts.ToDictionary(part => part.Key, part => part.Value), row.Meta))],
        [.. listing.Problems.Select(problem => new ItemProblemDocument(problem.Code, problem.Key, problem.Message, problem.Where?.ToString(), problem.Lacks))],
        listing.Counts);
}

/// <param name="Parts">Part to path, relative to the input folder.</param>
internal sealed record ItemDocument(string Key, IReadOnlyDictionary<string, string> Parts, IReadOnlyDictionary<string, string> Meta);

internal sealed record ItemProblemDocument(string Code, string Key, string Message, string? Where, IReadOnlyList<string> Lacks);
