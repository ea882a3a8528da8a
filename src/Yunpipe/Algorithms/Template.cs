using System.Text;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>Text with insertions: <c>${name}</c>, the short form <c>$name</c>, and <c>$$</c> for a dollar.</summary>
public sealed record Template(string Source, IReadOnlyList<TemplatePiece> Pieces)
{
    /// <summary>The one inserted name where the whole text is a single insertion; null otherwise.</summary>
    public string? OnlyName => Pieces is [{ IsName: true } piece] ? piece.Text : null;

    public IEnumerable<string> Names => Pieces.Where(piece => piece.IsName).Select(piece => piece.Text);

    /// <summary>Reads a template; an unclosed <c>${</c> or an empty name throws <see cref="FormatException"/> with a sentence.</summary>
    public static Template Parse(string source)
    {
        var pieces = new List<TemplatePiece>();
        var text = new StringBuilder();
        void Flush()
        {
            if (text.Length > 0) pieces.Add(new TemplatePiece(text.ToString(), false));
            text.Clear();
        }
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] != '$' || i + 1 == source.Length) { text.Append(source[i]); continue; }
            if (source[i + 1] == '$') { text.Append('$'); i++; continue; }
            var start = i + 1;
            int end;
            if (source[start] == '{')
            {
                end = source.IndexOf('}', ++start);
                if (end < 0) throw new FormatException($"{Wording.Quote(source)} opens “${{” and never closes it.");
                if (end == start) throw new FormatException($"{Wording.Quote(source)} inserts nothing: “${{}}” has no name.");
            }
            else
            {
                if (!char.IsAsciiLetter(source[start]) && source[start] != '_') { text.Append('$'); continue; }
                end = start;
                while (end < source.Length && (char.IsAsciiLetterOrDigit(source[end]) || source[end] == '_')) end++;
            }
            Flush();
            pieces.Add(new TemplatePiece(source[start..end], true));
            i = start > 0 && source[start - 1] == '{' ? end : end - 1;
        }
        Flush();
        return new Template(source, pieces);
    }

    /// <summary>Inserts values; null from the resolver means the name has none, and makes the whole result null.</summary>
    public string? Expand(Func<string, string?> resolve)
    {
        if (Pieces is [{ IsName: false } only]) return only.Text;
        var text = new StringBuilder();
        foreach (var piece in Pieces)
        {
            var value = piece.IsName ? resolve(piece.Text) : piece.Text;
            if (value is null) return null;
            text.Append(value);
        }
        return text.ToString();
    }

    public bool Equals(Template? other) => other is not null && Source == other.Source;

    public override int GetHashCode() => Source.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Source;
}

/// <summary>Literal text, or the name of an insertion.</summary>
public readonly record struct TemplatePiece(string Text, bool IsName);
