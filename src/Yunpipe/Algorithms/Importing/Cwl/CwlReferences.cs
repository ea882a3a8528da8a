using System.Text;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Cwl;

/// <summary>Parameter references, <c>$(inputs.x.basename)</c>, as placeholders. Anything that wants JavaScript is no reference and is told.</summary>
internal sealed class CwlReferences(CwlInputs inputs, ImportNotes notes)
{
    private const int LongestReference = 1000;

    public static bool IsExpression(string text) => text.Contains("$(", StringComparison.Ordinal) || text.Contains("${", StringComparison.Ordinal);

    /// <summary>The source of a template; null, told, where the text cannot be one.</summary>
    /// <param name="self">The input that <c>self</c> stands for.</param>
    public string? Convert(string text, Location where, string what, CwlInput? self = null)
    {
        var source = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '$' or '\\') { source.Append(Sources.Literal(text[at + 1].ToString())); at += 2; continue; }
            if (text[at] != '$' || at + 1 == text.Length || text[at + 1] is not ('(' or '{')) { source.Append(Sources.Literal(text[at++].ToString())); continue; }
            var end = text[at + 1] == '(' ? text.IndexOf(')', at) : -1;
            if (end < 0 || end - at > LongestReference || Reference(text[(at + 2)..end].Trim(), self) is not { } placeholder)
            {
                var shown = text.Length > 60 ? text[..57] + "…" : text;
                notes.NotCarried(where, $"{what} {Wording.Quote(shown)}: JavaScript is not run here, only references such as $(inputs.x.basename) are read.");
                return null;
            }
            source.Append(placeholder);
            at = end + 1;
        }
        return source.ToString();
    }

    private string? Reference(string text, CwlInput? self)
    {
        if (Segments(text) is not [var root, .. var rest]) return null;
        switch (root)
        {
            case "runtime" when rest is [var name]:
                return name switch { "outdir" => "${out}", "tmpdir" => "${tmp}", "cores" => "${cpu}", "ram" => "${memory_mb}", _ => null };
            case "inputs" when rest is [var id, .. var member]:
                // A field of a record is an input of its own here.
                if (member is [var field, .. var below] && inputs.Find($"{id}.{field}") is { } inner) return Member(inner, below);
                return inputs.Find(id) is { } input ? Member(input, member) : null;
            case "self" when self is not null: return Member(self, rest);
            default: return null;
        }
    }

    private static string? Member(CwlInput input, string[] member)
    {
        if (input.Type.Kind is CwlKind.Record or CwlKind.Other) return null;
        string? part = member switch
        {
            [] or ["path"] when member.Length == 0 || input.Type.IsFile => "",
            ["basename"] when input.Type.IsFile && input.IsPort && !input.Type.IsArray => ".name",
            ["nameroot"] when input.Type.IsFile && input.IsPort && !input.Type.IsArray => ".stem",
            ["nameext"] when input.Type.IsFile && input.IsPort && !input.Type.IsArray => ".ext",
            _ => null,
        };
        if (part is null) return null;
        input.IsUsed = true;
        return Sources.Name(input.Name + part);
    }

    /// <summary><c>a.b</c>, <c>a['b']</c>, <c>a["b"]</c>; null for anything more.</summary>
    internal static string[]? Segments(string text)
    {
        var segments = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '[')
            {
                var quote = at + 1 < text.Length ? text[at + 1] : '\0';
                var end = quote is '\'' or '"' ? text.IndexOf(quote, at + 2) : -1;
                if (end < 0 || end + 1 >= text.Length || text[end + 1] != ']') return null;
                segments.Add(text[(at + 2)..end]);
                at = end + 2;
                continue;
            }
            if (text[at] == '.' && segments.Count > 0) at++;
            var start = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_')) at++;
            if (at == start || segments.Count > 0 && text[start - 1] != '.') return null;
            segments.Add(text[start..at]);
        }
        return [.. segments];
    }
}
