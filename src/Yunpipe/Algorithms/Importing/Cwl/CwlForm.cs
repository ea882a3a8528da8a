using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Cwl;

/// <summary>A binding's flag and separators.</summary>
internal readonly record struct CwlForm(string? Flag, string? Separator, string? ListSeparator, bool Repeat)
{
    /// <summary>True where the value is put into the command by other tokens, so that the variable itself is bare.</summary>
    public static bool IsReplaced(CwlInput input) => input.Binding?.Has("valueFrom") == true;

    public static CwlForm Of(CwlInput input, ImportNotes notes)
    {
        if (input.Binding is not { } binding || IsReplaced(input)) return default;
        var flag = binding.Text("prefix") is { Length: > 0 } prefix ? prefix : null;
        var glued = binding.MaybeFlag("separate") == false;
        if (input.Type.Kind == CwlKind.Flag) return new(flag, null, null, false);
        if (!input.Type.IsArray) return new(flag, glued && flag is not null ? "" : null, null, false);
        var items = input.Type.Items;
        var joined = binding.Text("itemSeparator");
        if (items is not null && ForeignMap.Of(items, "an item's binding", notes) is var inner)
        {
            var own = inner.Text("prefix") is { Length: > 0 } text ? text : null;
            foreach (var key in (ReadOnlySpan<string>)["valueFrom", "shellQuote", "loadContents"]) inner.NotCarried(key, "which has no counterpart here");
            _ = inner.Node("position");
            if (own is not null && joined is null)
            {
                if (flag is not null) notes.NotCarried(binding.Place("prefix"), $"the prefix {Wording.Quote(flag)} before all members, which have {Wording.Quote(own)} of their own.");
                return inner.MaybeFlag("separate") == false ? new(own, "", null, false) : new(own, null, null, true);
            }
        }
        if (glued && flag is not null && joined is null) notes.NotCarried(binding.Place("separate"), $"only the first member of {Wording.Quote(input.Id)} had the prefix; now each has it.");
        return new(flag, glued && flag is not null ? "" : null, joined, false);
    }
}

/// <summary>Prose, and patterns of files beside others.</summary>
internal static class CwlText
{
    public static string? Prose(DocumentNode? node) => node switch
    {
        ScalarNode { IsNull: false } text => string.Join(' ', text.Text.Split((char[])['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)),
        ListNode list => string.Join(' ', list.Items.OfType<ScalarNode>().Select(line => line.Text.Trim())),
        _ => null,
    };
}

internal static class CwlPatterns
{
    /// <summary>Patterns of secondary files in their short and long forms; a “?” at the end, or <c>required: false</c>, makes one optional.</summary>
    public static IEnumerable<(string Pattern, bool Required)> Of(DocumentNode node) => node switch
    {
        ScalarNode text => [text.Text.EndsWith('?') ? (text.Text[..^1], false) : (text.Text, true)],
        MapNode map when map["pattern"] is ScalarNode pattern => Of(pattern).Select(found => (found.Pattern, found.Required && (map["required"] as ScalarNode)?.Text != "false")),
        ListNode list => list.Items.SelectMany(Of),
        _ => [],
    };

    /// <summary>Each “^” takes one extension away, and then the rest is put on; null where more would be taken than a template can.</summary>
    /// <param name="name">What the file's name is written as.</param>
    /// <param name="stem">What its name without extension is written as.</param>
    public static string? Beside(string pattern, string name, string? stem) =>
        !pattern.StartsWith('^') ? name + Sources.Literal(pattern) : pattern.StartsWith("^^", StringComparison.Ordinal) || stem is null ? null : stem + Sources.Literal(pattern[1..]);
}
