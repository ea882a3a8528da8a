using Yunpipe.Items;

namespace Yunpipe.Algorithms.Describing;

/// <summary>Values and file names that need not exist, to show a command with. A value keeps the variable's own rules.</summary>
internal static class Samples
{
    private const int MostMembers = 100;

    /// <summary>Null where nothing that comes to mind keeps the rules, such as an unusual pattern.</summary>
    public static VariableValue? Of(Variable variable)
    {
        if (variable.Type != VariableType.List) return Candidates(variable).Select(text => Canonical(variable, text)).FirstOrDefault(text => text is not null) is { } single ? VariableValue.Of(single) : null;
        var count = Math.Clamp(2, variable.MinItems ?? 0, Math.Max(variable.MaxItems ?? int.MaxValue, variable.MinItems ?? 0));
        if (count == 0) return new VariableValue([], IsList: true);
        var members = Members(variable).Select(text => Canonical(variable, text)).OfType<string>().Distinct().Take(count).ToList();
        if (members.Count == 0 || count > MostMembers) return null;
        return new VariableValue([.. Enumerable.Range(0, count).Select(i => members[i % members.Count])], IsList: true);
    }

    /// <summary>A name that the input accepts, as far as its patterns tell one.</summary>
    public static string File(InputPort port, string number)
    {
        foreach (var glob in port.Accepts)
        {
            var name = glob[(glob.LastIndexOf('/') + 1)..].Replace("**", "*", StringComparison.Ordinal).Replace('?', '1');
            var at = name.IndexOf('*');
            if (at >= 0) name = $"{name[..at]}{port.Name}{number}{name[(at + 1)..].Replace("*", "", StringComparison.Ordinal)}";
            if (name.Contains('.') && name[^1] != '.' && new Glob(glob).Matches(name)) return name;
        }
        return $"{port.Name}{number}{(port.Directory ? "" : ".tif")}";
    }

    private static string? Canonical(Variable variable, string text) => ValueFlaw.Of(variable, text, out var canonical) is null ? canonical : null;

    private static IEnumerable<string> Members(Variable variable) => variable.Of switch
    {
        VariableType.Number => Candidates(variable).Prepend("2.5").Prepend("1.5"),
        VariableType.Integer => Candidates(variable).Prepend("4").Prepend("3"),
        VariableType.String => Candidates(variable).Prepend("b").Prepend("a"),
        VariableType.File => [$"{variable.Name}1.dat", $"{variable.Name}2.dat"],
        VariableType.Directory => [$"{variable.Name}1", $"{variable.Name}2"],
        _ => Candidates(variable),
    };

    private static IEnumerable<string> Candidates(Variable variable) => VariableValues.MemberType(variable) switch
    {
        VariableType.Number or VariableType.Integer => Numbers(variable),
        VariableType.Enum => variable.Values,
        VariableType.Flag => ["true"],
        VariableType.File => Texts(variable.Name, variable.Pattern).Prepend(variable.Name + ".dat"),
        _ => Texts(variable.Name, variable.Pattern),
    };

    private static IEnumerable<string> Numbers(Variable variable)
    {
        yield return variable.Type == VariableType.Integer || variable.Of == VariableType.Integer ? "3" : "1.5";
        decimal? least = variable.Minimum ?? variable.Above, most = variable.Maximum ?? variable.Below;
        if (least is { } from && most is { } to) yield return ValueFlaw.Show(from / 2 + to / 2);
        foreach (var step in (decimal[])[0, 0.5m, 1])
        {
            if (least is { } low && low < decimal.MaxValue - 1) yield return ValueFlaw.Show(low + step);
            if (most is { } high && high > decimal.MinValue + 1) yield return ValueFlaw.Show(high - step);
        }
        // Between bounds that are no whole numbers.
        if (least is { } fraction) yield return ValueFlaw.Show(decimal.Ceiling(fraction));
    }

    /// <summary>What patterns of names and codes usually want, and the words of the pattern itself.</summary>
    private static IEnumerable<string> Texts(string name, string? pattern)
    {
        if (pattern is null) return [name];
        string[] usual = [name, name.ToUpperInvariant(), name.ToLowerInvariant(), "a", "A", "1", "12", "123", "1234", "12345678", "1.0", "1.0.0", "ab", "abc", "abcd", "ABC", "A1", "A01", "a1", "a01", "sub-01", "1,2", "1x1", "1x1x1", "2024-01-01", "http://x", "/x"];
        var words = pattern.Split(['|', '(', ')', '^', '$', '?', ':', '[', ']', '\\', '.', '*', '+'], StringSplitOptions.RemoveEmptyEntries);
        return usual.Concat(words).Concat(words.Select(word => $"{name}.{word}")).Append(pattern);
    }
}
