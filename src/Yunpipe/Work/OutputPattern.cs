using System.Text;
using System.Text.RegularExpressions;
using Yunpipe.Algorithms;

namespace Yunpipe.Work;

/// <summary>The name of an output for one job. Wildcards count only where the descriptor wrote them: a <c>*</c> in an item's name is data.</summary>
public sealed class OutputPattern
{
    private readonly string _text;
    private readonly Regex? _wild;

    private OutputPattern(string text, Regex? wild) => (_text, _wild) = (text, wild);

    /// <summary>True where it would lead out of the folder of outputs.</summary>
    public bool Escapes => _text.Split('/').Contains("..");

    /// <summary>True where it stands for any number of names.</summary>
    public bool IsWild => _wild is not null;

    /// <summary>True where one file could be of both.</summary>
    public bool Meets(OutputPattern other) => !IsWild && !other.IsWild ? _text == other._text : Fixed.StartsWith(other.Fixed, StringComparison.Ordinal) || other.Fixed.StartsWith(Fixed, StringComparison.Ordinal);

    /// <summary>What stands before the first wildcard; one in an item's name makes it shorter than need be, which is on the safe side.</summary>
    private string Fixed => IsWild ? _text[.._text.AsSpan().IndexOfAny('*', '?')] : _text;

    public static OutputPattern Literal(string path) => new(path, null);

    /// <summary>Null where the resolver has no value for a name.</summary>
    public static OutputPattern? Of(Template template, Func<string, string?> resolve)
    {
        var text = new StringBuilder();
        var regex = new StringBuilder("^");
        var wild = false;
        foreach (var piece in template.Pieces)
        {
            if ((piece.IsName ? resolve(piece.Text) : piece.Text) is not { } value) return null;
            text.Append(value);
            if (piece.IsName) regex.Append(Regex.Escape(value));
            else
            {
                wild |= value.AsSpan().IndexOfAny('*', '?') >= 0;
                regex.Append(Regex.Escape(value).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*\*", ".*", StringComparison.Ordinal)
                    .Replace(@"\*", "[^/]*", StringComparison.Ordinal).Replace(@"\?", "[^/]", StringComparison.Ordinal));
            }
        }
        var path = text.ToString();
        // At an absolute place inside the container the folder is linked to the folder of outputs; the last segment is the name in it.
        if (path.StartsWith('/'))
        {
            path = path[(path.LastIndexOf('/') + 1)..];
            regex.Clear().Append('^').Append(Regex.Escape(path).Replace(@"\*", "[^/]*", StringComparison.Ordinal));
        }
        return new OutputPattern(path, wild ? new Regex(regex.Append('$').ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline) : null);
    }

    public bool Matches(string path) => _wild?.IsMatch(path) ?? path == _text;

    public override string ToString() => _text;
}
