using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>Reads what a step gathers, and which items it takes.</summary>
internal static class GatherReader
{
    /// <summary><c>all</c>; a template, which is the key; or a map.</summary>
    public static Gather? Read(Fields step)
    {
        var problems = step.Problems;
        if (step.Node("gather") is not { } node) return null;
        if (node is ScalarNode scalar)
        {
            if (scalar.Text == DerivedKey.All) return Make(null, node.Where);
            var by = TemplateReader.Parse(scalar.Text, scalar.Where, problems);
            if (by is not null && !by.Names.Any())
            {
                problems.Add(WorkflowCodes.BadGather, scalar.Where,
                    $"{Wording.Quote(scalar.Text)} is the same for all items.", "Insert metadata, as in \"${plate}\", or write gather: all.");
                return Make(null, node.Where);
            }
            return Make(by, node.Where);
        }
        var fields = Fields.Of(node, "a gather", problems);
        var key = fields.Node("by") is { } text && text is not ScalarNode { Text: DerivedKey.All } ? TemplateReader.Read(text, "by", problems) : null;
        var expect = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var entry in fields.Entries("expect")) expect[entry.Key] = Values(entry, problems);
        int? count = fields.Has("count") ? fields.Integer("count", 1, 1) : null;
        if (count is not null && expect.Count > 0)
            problems.Add(WorkflowCodes.BadGather, fields.Place("count"), "“expect” and “count” both say when a group is whole.", "Leave one of them out.");
        var missing = fields.Word("missing", MissingPolicy.Fail, ("fail", MissingPolicy.Fail), ("skip", MissingPolicy.Skip), ("wait", MissingPolicy.Wait));
        var closed = fields.Node("closed") is { } file ? TemplateReader.Read(file, "closed", problems) : null;
        if (closed is not null && (key?.Names ?? []).Except(closed.Names).ToList() is { Count: > 0 } absent)
            problems.Add(WorkflowCodes.BadGather, fields.Place("closed"),
                $"The file {Wording.Quote(closed.Source)} does not say which group it closes: {Naming.And(absent)} is not in it.", "Insert what “by” inserts: closed: \"${plate}/done.txt\".");
        TimeSpan? quiet = fields.Has("quiet") ? fields.Duration("quiet", TimeSpan.Zero) : null;
        fields.Done();
        return new Gather(key, expect, count, missing) { Closed = closed, Quiet = quiet, Source = fields.Place("by") };
    }

    /// <summary>The files that close groups are no items: a glob that takes them all.</summary>
    public static string ToGlob(Template closed) => "/" + string.Concat(closed.Pieces.Select(piece => piece.IsName ? "*" : piece.Text));

    private static Gather Make(Template? by, Location where) => new(by, new Dictionary<string, IReadOnlyList<string>>(), null, MissingPolicy.Fail) { Source = where };

    /// <summary>A glob or a list of globs on the key; or a map of metadata and the values to take, in which <c>glob</c> stands for globs.</summary>
    public static When? When(Fields step)
    {
        var problems = step.Problems;
        if (step.Node("when") is not { } node) return null;
        if (node is not MapNode map) return new When(new Dictionary<string, IReadOnlyList<string>>(), step.Texts("when")) { Source = node.Where };
        var meta = new Dictionary<string, IReadOnlyList<string>>();
        IReadOnlyList<string> globs = [];
        foreach (var entry in map.Entries)
        {
            if (entry.Key == "glob") globs = Values(entry, problems);
            else meta[entry.Key] = Values(entry, problems);
        }
        if (map.Entries.Count == 0) problems.Add(WorkflowCodes.BadWhen, node.Where, "“when” says nothing.", "Write when: {plate: [P1, P2]} or when: \"P1/**\".");
        return new When(meta, globs) { Source = node.Where };
    }

    private static List<string> Values(MapEntry entry, ProblemList problems)
    {
        var values = new List<string>();
        foreach (var node in entry.Value is ListNode list ? list.Items : [entry.Value])
        {
            if (node is ScalarNode { IsNull: false } value) values.Add(value.Text);
            else problems.Add(DocumentCodes.WrongKind, node.Where, $"{Wording.Quote(entry.Key)} wants a value or a list of values, and this is {node.Kind}.");
        }
        if (entry.Value is ListNode { Items.Count: 0 }) problems.Add(DocumentCodes.BadValue, entry.Value.Where, $"{Wording.Quote(entry.Key)} has no values.");
        return values;
    }
}
