namespace Yunpipe.Items;

/// <summary>
/// A glob: <c>*</c> any characters of one name, <c>?</c> one character, <c>**</c> any folders; everything else stands for itself.
/// Without a slash it is held against the last name of a path, with one against the whole path; a slash at the end takes all below a folder.
/// Upper and lower case count as the same, because instruments write both <c>.tif</c> and <c>.TIF</c>.
/// </summary>
public sealed class Glob
{
    private readonly WildcardPath _path;
    private readonly bool _nameOnly;

    public Glob(string text)
    {
        Text = text;
        var body = text.StartsWith("./", StringComparison.Ordinal) ? text[2..] : text.TrimStart('/');
        if (body.EndsWith('/')) body += "**";
        _nameOnly = !body.Contains('/') && !text.StartsWith('/') && body != "**";
        _path = new WildcardPath([.. Segments(body)], 0, StringComparison.OrdinalIgnoreCase);
    }

    public string Text { get; }

    public bool Matches(string path) => _path.Match(_nameOnly ? path.AsSpan(path.LastIndexOf('/') + 1) : path, []);

    /// <summary>True where one of the globs matches.</summary>
    public static bool Any(IReadOnlyList<Glob> globs, string path)
    {
        for (var i = 0; i < globs.Count; i++)
            if (globs[i].Matches(path)) return true;
        return false;
    }

    public static IReadOnlyList<Glob> All(IEnumerable<string> texts) => [.. texts.Select(text => new Glob(text))];

    public override string ToString() => Text;

    private static IEnumerable<SegmentToken[]> Segments(string body)
    {
        var names = body.Split('/');
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i] != "**") { yield return [.. Tokens(names[i])]; continue; }
            yield return [];
            if (i == names.Length - 1) yield return [new SegmentToken(PathToken.Star)];
        }
    }

    private static IEnumerable<SegmentToken> Tokens(string name)
    {
        // An empty name would look like “**”; no path has one, so it never matches.
        if (name.Length == 0) yield return new SegmentToken(PathToken.Text, "/");
        for (var i = 0; i < name.Length;)
        {
            var end = i;
            while (end < name.Length && name[end] is not ('*' or '?')) end++;
            if (end > i) yield return new SegmentToken(PathToken.Text, name[i..end]);
            if (end < name.Length && name[end] == '?') { yield return new SegmentToken(PathToken.Any); i = end + 1; continue; }
            if (end < name.Length) yield return new SegmentToken(PathToken.Star);
            i = end;
            while (i < name.Length && name[i] == '*') i++;
        }
    }
}
