using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>Reads where a workflow's items come from, and checks that what keys and parts are made of can be there.</summary>
internal static class InputReader
{
    public static InputSpec Read(Fields workflow, string directory)
    {
        if (workflow.Node("input") is not { } node) return new InputSpec { Source = workflow.Where };
        if (node is ScalarNode location) return new InputSpec { Location = location.Text, Source = node.Where };
        var fields = Fields.Of(node, "an input", workflow.Problems);
        var problems = workflow.Problems;
        var pattern = fields.Text("pattern");
        var table = fields.Text("table");
        var columns = table is null ? null : Columns(fields, Path.Combine(directory, table));
        var parsed = pattern is null ? null : PathPattern.Parse(pattern, fields.Place("pattern"));
        problems.AddRange(parsed?.Problems ?? []);

        var names = new MetaNames([.. (parsed?.Value?.Names ?? []).Union(columns ?? [])], parsed is { Ok: false } || table is not null && columns is null);
        var byPath = table is null || columns is null || columns.Contains(ItemTable.PathColumn);
        var item = fields.Map("item", "an item") is { } grouping ? Grouping(grouping, table is null || columns is not null && byPath, names) : null;
        var directories = fields.Word("kind", false, AlgorithmWords.Kinds);
        var spec = new InputSpec
        {
            Location = fields.Text("location"),
            Pattern = pattern,
            Table = table,
            TableColumns = columns is null ? null : [.. columns.Where(name => name is not (ItemTable.PathColumn or ItemTable.KeyColumn) && (byPath || item?.Parts.All(part => part.Name != name) != false))],
            Item = item,
            Ignore = fields.Texts("ignore"),
            Include = fields.Texts("include"),
            Directories = directories,
            Extensions = [.. fields.Texts("extensions").Select(extension => extension.StartsWith('.') ? extension : "." + extension)],
            End = End(fields, directories),
            Sidecars = [.. fields.List("sidecars").Select(sidecar => Sidecar(sidecar, names, problems)).OfType<Sidecar>()],
            Source = pattern is null ? fields.Where : fields.Place("pattern"),
        };
        fields.Done();
        if (columns is not null && !columns.Contains(ItemTable.PathColumn) && (spec.Item?.Parts.Any(part => columns.Contains(part.Name)) != true))
            problems.Add(ItemCodes.TableHeader, fields.Place("table"),
                $"The table has no column “path”{(spec.Item is null ? "" : " and none for a part")}.", $"Its columns are {Naming.And(columns)}.");
        return spec;
    }

    /// <summary>When an image of many files is whole; files are whole when they are there.</summary>
    private static ImageEnd? End(Fields fields, bool directories)
    {
        if (!fields.Has("closed") && !fields.Has("count") && !fields.Has("quiet")) return null;
        string? ending = null;
        if (fields.Node("closed") is { } node && TemplateReader.Read(node, "closed", fields.Problems) is { } closed)
            if (closed.Pieces is [{ IsName: true, Text: "path" }, { IsName: false, Text: { Length: > 0 } text }]) ending = text;
            else fields.Problems.Add(WorkflowCodes.BadInput, node.Where, $"The file {Wording.Quote(closed.Source)} does not say which image it closes.", "Begin with the image's own path: closed: \"${path}/done.txt\".");
        int? count = fields.Has("count") ? fields.Integer("count", 1, 1) : null;
        TimeSpan? quiet = fields.Has("quiet") ? fields.Duration("quiet", TimeSpan.Zero) : null;
        var word = fields.Has("closed") ? "closed" : fields.Has("count") ? "count" : "quiet";
        if (!directories)
            fields.Problems.Add(WorkflowCodes.BadInput, fields.Place(word), $"{Wording.Quote(word)} says when an image of many files is whole, and these are single files.", "Say kind: directory, or leave it out; a gather has keys of these names.");
        return new ImageEnd(ending, count, quiet);
    }

    /// <summary>All column names of the table, where it can be read here; it is read again, row by row, when items are listed.</summary>
    private static IReadOnlyList<string>? Columns(Fields fields, string path)
    {
        try
        {
            using var text = new StreamReader(path);
            return ItemTable.Header(text) is { Count: > 0 } columns ? columns : Wrong("has no header");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Wrong(error is FileNotFoundException or DirectoryNotFoundException ? "is not there" : "cannot be read");
        }

        IReadOnlyList<string>? Wrong(string what)
        {
            fields.Problems.Add(WorkflowCodes.BadInput, fields.Place("table"),
                $"The table {Wording.Quote(fields.Text("table")!)} {what}.", "It is named relative to the workflow.");
            return null;
        }
    }

    private static ItemGrouping Grouping(Fields fields, bool fromFiles, MetaNames names)
    {
        var problems = fields.Problems;
        var key = fields.Node("key") is { } node ? TemplateReader.Read(node, "key", problems) : null;
        if (key is null && fromFiles && !fields.Has("key"))
            problems.Add(DocumentCodes.MissingKey, fields.Where,
                "The key “key” of an item is missing.", "It tells which files belong together: key: \"${plate}/${well}\".");
        foreach (var name in key?.Names ?? []) Known(MetaValue.NameOf(name), fields.Place("key"), names, problems);
        var parts = new List<PartSelector>();
        if (fields.Required("parts", "Name them with what tells them apart: parts: {dna: {ch: 1}, er: {ch: 2}}.") is MapNode map)
            foreach (var entry in map.Entries) parts.Add(Part(entry, fromFiles, names, problems));
        else
            foreach (var name in fields.Texts("parts")) parts.Add(new PartSelector(name, new Dictionary<string, string>()));
        if (fromFiles && fields.Node("parts") is ListNode)
            problems.Add(WorkflowCodes.BadInput, fields.Place("parts"),
                "A list of parts needs a table with a column for each; parts of listed files are told apart by metadata.", "Write parts: {dna: {ch: 1}}.");
        foreach (var part in parts.Where(part => NameRule.Flaw(part.Name) is not null))
            problems.Add(WorkflowCodes.BadName, (fields.Node("parts") as MapNode)?.Entry(part.Name)?.Where ?? fields.Place("parts"),
                $"{Wording.Quote(part.Name)} cannot be the name of a part.", NameRule.Flaw(part.Name));
        foreach (var twice in parts.Where(part => part.Meta.Count > 0).GroupBy(part => string.Join(',', part.Meta.OrderBy(pair => pair.Key, StringComparer.Ordinal))).Where(group => group.Count() > 1))
            problems.Add(WorkflowCodes.BadInput, fields.Place("parts"),
                $"The parts {Naming.And(twice.Select(part => part.Name))} want the same files.", "The first would take them all.");
        fields.Done();
        return new ItemGrouping(key ?? Template.Parse(""), parts);
    }

    private static PartSelector Part(MapEntry entry, bool fromFiles, MetaNames names, ProblemList problems)
    {
        var meta = new Dictionary<string, string>();
        var required = true;
        if (entry.Value is not MapNode map)
        {
            if (!entry.Value.IsNull || fromFiles)
                problems.Add(DocumentCodes.WrongKind, entry.Value.Where,
                    $"The part {Wording.Quote(entry.Key)} wants a map of the metadata that tells its files, and this is {entry.Value.Kind}.",
                    $"Write {entry.Key}: {{ch: 1}}.");
            return new PartSelector(entry.Key, meta);
        }
        foreach (var own in map.Entries)
        {
            if (own.Key == "required") { required = Fields.Of(map, "a part", problems).Flag("required", true); continue; }
            Known(own.Key, own.Where, names, problems);
            if (own.Value is ScalarNode { IsNull: false } value) meta[own.Key] = value.Text;
            else problems.Add(DocumentCodes.WrongKind, own.Value.Where, $"{Wording.Quote(own.Key)} wants one value, and this is {own.Value.Kind}.");
        }
        if (meta.Count == 0 && fromFiles) problems.Add(WorkflowCodes.BadInput, entry.Where, $"Nothing tells which files are the part {Wording.Quote(entry.Key)}.", $"Write {entry.Key}: {{ch: 1}}.");
        return new PartSelector(entry.Key, meta, required);
    }

    private static Sidecar? Sidecar(DocumentNode node, MetaNames names, ProblemList problems)
    {
        var fields = node is MapNode ? Fields.Of(node, "a sidecar", problems) : null;
        var template = (fields is null ? node : fields.Required("path")) is { } text ? TemplateReader.Read(text, "sidecars", problems) : null;
        var required = fields?.Flag("required", true) ?? true;
        fields?.Done();
        if (template is null) return null;
        foreach (var name in template.Names.Where(name => name is not ("stem" or "name"))) Known(MetaValue.NameOf(name), node.Where, names, problems);
        var shape = (template.Expand(_ => "x") ?? "").TrimStart('/');
        if (ItemKey.Flaw(shape) is { } flaw) problems.Add(WorkflowCodes.BadInput, node.Where, $"The sidecar {Wording.Quote(template.Source)} {flaw}.", "It is relative to its file's folder, or starts with a slash for the input's own.");
        else if (template.Pieces.All(piece => piece.IsName || piece.Text.All(c => c is '.' or '/')))
            problems.Add(WorkflowCodes.BadInput, node.Where,
                $"The sidecar {Wording.Quote(template.Source)} could be any file.", "Give its ending: \"${stem}.json\".");
        return new Sidecar(template, required);
    }

    private static void Known(string name, Location where, MetaNames names, ProblemList problems)
    {
        if (names.Has(name)) return;
        problems.Add(ItemCodes.UnknownName, where, $"{Wording.Quote(name)} is caught by no pattern{(names.Known.Count > 0 ? "" : ", for there is none")}.",
            Wording.DidYouMean(name, names.Known) ?? (names.Known.Count > 0 ? $"There is {Naming.And(names.Known)}." : "Add input.pattern or input.table."));
    }
}
