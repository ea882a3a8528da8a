using System.Diagnostics.CodeAnalysis;
using System.Text;
using Yunpipe.Documents;

namespace Yunpipe.Items;

/// <summary><c>{x}</c> catches one or more characters of a name, <c>${x}</c> inserts what was caught before, <c>*</c> and <c>**</c> are globs,
/// <c>{{</c>, <c>}}</c> and <c>$$</c> stand for a brace and a dollar; everything else is literal.</summary>
internal sealed class PathTemplate
{
    private const int MaxLength = 2048;
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();
    private readonly WildcardPath _path;

    private PathTemplate(WildcardPath path, IReadOnlyList<string> names) => (_path, Names) = (path, names);

    public IReadOnlyList<string> Names { get; }

    public static PathTemplate? Read(string text, out string flaw)
    {
        var names = new List<string>();
        var segments = new List<SegmentToken[]>();
        flaw = text.Length == 0 ? "The pattern is empty."
            : text.Length > MaxLength ? $"The pattern is longer than {MaxLength} characters."
            : text.StartsWith('/') ? "The pattern starts with a slash; paths are relative to the input's location."
            : "";
        var body = text.StartsWith("./", StringComparison.Ordinal) ? text[2..] : text;
        foreach (var name in flaw.Length > 0 ? [] : body.Split('/'))
        {
            if (name == "**") { segments.Add([]); continue; }
            if (Segment(name, names, out flaw) is not { } tokens) return null;
            segments.Add(tokens);
        }
        if (flaw.Length > 0) return null;
        if (segments[^1].Length == 0) segments.Add([new SegmentToken(PathToken.Star)]);
        return new PathTemplate(new WildcardPath(segments, names.Count, StringComparison.Ordinal), names);
    }

    public IReadOnlyDictionary<string, string>? Match(string path)
    {
        Span<Range> few = stackalloc Range[16];
        var caught = Names.Count <= few.Length ? few[..Names.Count] : new Range[Names.Count];
        if (!_path.Match(path, caught)) return null;
        if (Names.Count == 0) return Nothing;
        var meta = new Dictionary<string, string>(Names.Count);
        for (var i = 0; i < Names.Count; i++) meta.Add(Names[i], path[caught[i]]);
        return meta;
    }

    private static SegmentToken[]? Segment(string name, List<string> names, out string flaw)
    {
        var tokens = new List<SegmentToken>();
        var text = new StringBuilder();
        flaw = name.Length == 0 ? "The pattern has an empty name between two slashes." : "";
        for (var i = 0; i < name.Length && flaw.Length == 0; i++)
        {
            var c = name[i];
            var next = i + 1 < name.Length ? name[i + 1] : '\0';
            if (c == next && (c is '{' or '}' or '$')) { text.Append(c); i++; continue; }
            var insert = c == '$' && next == '{';
            if (!insert && c is not ('{' or '*')) { text.Append(c); continue; }
            if (text.Length > 0) tokens.Add(new SegmentToken(PathToken.Text, text.ToString()));
            text.Clear();
            if (c == '*')
            {
                if (tokens is not [.., { Kind: PathToken.Star }]) Add(tokens, new SegmentToken(PathToken.Star), "*", ref flaw);
                continue;
            }
            var start = insert ? i + 2 : i + 1;
            var end = name.IndexOf('}', start);
            if (end < 0) { flaw = $"{Wording.Quote(name)} opens “{{” and does not close it in the same name."; break; }
            var caught = name[start..end];
            i = end;
            if (!IsName(caught)) flaw = NoName(caught);
            else if (insert)
            {
                if (names.IndexOf(caught) is >= 0 and var index) tokens.Add(new SegmentToken(PathToken.Insert, "", index));
                else flaw = $"“${{{caught}}}” inserts what nothing before it catches; to catch, write “{{{caught}}}”.";
            }
            else if (names.Contains(caught)) flaw = $"“{{{caught}}}” catches twice; where the same text comes again, write “${{{caught}}}”.";
            else
            {
                names.Add(caught);
                Add(tokens, new SegmentToken(PathToken.Catch, "", names.Count - 1), $"{{{caught}}}", ref flaw);
            }
        }
        if (text.Length > 0) tokens.Add(new SegmentToken(PathToken.Text, text.ToString()));
        return flaw.Length > 0 ? null : [.. tokens];
    }

    private static void Add(List<SegmentToken> tokens, SegmentToken token, string shown, ref string flaw)
    {
        if (tokens is [.., { IsWild: true }]) flaw = $"Nothing stands between “{shown}” and what is caught before it, so no one can tell where one ends.";
        tokens.Add(token);
    }

    internal static string NoName(string text) => $"{Wording.Quote(text)} is no name for metadata: use letters, digits and “_”, starting with a letter.";

    /// <summary>A name that metadata may have: what <c>${…}</c> can insert.</summary>
    internal static bool IsName([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= 64 } && (char.IsAsciiLetter(text[0]) || text[0] == '_') && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
