using Yunpipe.Documents;

namespace Yunpipe.Items;

/// <summary>How a path becomes metadata (model.md, "Items"): a path template, or a regular expression where the text holds a named group.
/// Matching takes time proportional to the path, whatever the pattern.</summary>
public sealed class PathPattern
{
    private readonly PathTemplate? _template;
    private readonly PathRegex? _regex;

    private PathPattern(string text, PathTemplate? template, PathRegex? regex) => (Text, _template, _regex) = (text, template, regex);

    public string Text { get; }

    public bool IsRegex => _regex is not null;

    /// <summary>What it catches, in the order written.</summary>
    public IReadOnlyList<string> Names => _template?.Names ?? _regex!.Names;

    /// <summary>Reads either form; what cannot be read is YP1201 (a template) or YP1202 (a regular expression), with a sentence.</summary>
    public static Reading<PathPattern> Parse(string text, Location where = default)
    {
        var isRegex = text.Contains("(?<", StringComparison.Ordinal) || text.Contains("(?P<", StringComparison.Ordinal);
        if (isRegex)
        {
            var regex = PathRegex.Read(text, out var wrong);
            return regex is null ? new(null, [new Problem(ItemCodes.Regex, wrong, where)]) : new(new PathPattern(text, null, regex), []);
        }
        var template = PathTemplate.Read(text, out var flaw);
        return template is null ? new(null, [new Problem(ItemCodes.Template, flaw, where)]) : new(new PathPattern(text, template, null), []);
    }

    /// <summary>The metadata that the path holds, or null where it does not match. An optional group that took no part is absent.</summary>
    public IReadOnlyDictionary<string, string>? Match(string path) => _template is not null ? _template.Match(path) : _regex!.Match(path);

    public override string ToString() => Text;
}
