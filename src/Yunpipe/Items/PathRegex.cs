using System.Text.RegularExpressions;
using Yunpipe.Documents;

namespace Yunpipe.Items;

/// <summary>A regular expression with named groups, in .NET's or Python's spelling, searched for anywhere in the path, in linear time.</summary>
internal sealed class PathRegex
{
    private readonly Regex _regex;
    private readonly int[] _groups;

    private PathRegex(Regex regex, string[] names)
    {
        (_regex, Names) = (regex, names);
        _groups = [.. names.Select(regex.GroupNumberFromName)];
    }

    public IReadOnlyList<string> Names { get; }

    public static PathRegex? Read(string text, out string flaw)
    {
        flaw = "";
        if (LinearPattern.TryParse(text, whole: false, out var wrong) is not { } regex)
        {
            flaw = $"The regular expression {wrong}.";
            return null;
        }
        var names = regex.GetGroupNames().Where(name => !char.IsAsciiDigit(name[0])).ToArray();
        if (names.FirstOrDefault(name => !PathTemplate.IsName(name)) is { } odd) flaw = PathTemplate.NoName(odd);
        return flaw.Length > 0 ? null : new PathRegex(regex, names);
    }

    public IReadOnlyDictionary<string, string>? Match(string path)
    {
        var match = _regex.Match(path);
        if (!match.Success) return null;
        var meta = new Dictionary<string, string>(_groups.Length);
        for (var i = 0; i < _groups.Length; i++)
            if (match.Groups[_groups[i]] is { Success: true } group) meta.Add(Names[i], group.Value);
        return meta;
    }
}
