using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing;

/// <summary>Foreign names as names may be here: letters, digits, “_” and “-”, none twice, and none that <c>${…}</c> has a meaning for already.</summary>
internal sealed class NameBook(ImportNotes notes)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The foreign names, in the order they came.</summary>
    public IReadOnlyCollection<string> Foreign => _names.Keys;

    /// <summary>The name of something new.</summary>
    /// <param name="isOutput">Outputs stand in no placeholder, so that reserved names and those of inputs are free for them.</param>
    public string Take(string foreign, Location where, bool isOutput = false)
    {
        var fitted = Fitted(foreign, isOutput);
        var name = fitted;
        // Thousands of names may become one: each goes on where the one before it ended.
        for (var n = _next.GetValueOrDefault(fitted, 2); !_taken.Add(name); n++) (name, _next[fitted]) = ($"{fitted}_{n}", n + 1);
        _names.TryAdd(foreign, name);
        if (name != foreign) notes.Told.Add(ImportCodes.Renamed, where, $"{Wording.Quote(foreign)} is called {Wording.Quote(name)} here.");
        return name;
    }

    public string? Find(string foreign) => _names.GetValueOrDefault(foreign);

    /// <summary>The name of an algorithm.</summary>
    public static string Title(string foreign)
    {
        var name = string.Concat(foreign.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '-')).Trim('-', '.', '_');
        while (name.Contains("--", StringComparison.Ordinal)) name = name.Replace("--", "-", StringComparison.Ordinal);
        if (name.Length > NameRule.Longest) name = name[..NameRule.Longest].TrimEnd('-', '.', '_');
        return name.Length == 0 ? "algorithm" : name;
    }

    private static string Fitted(string foreign, bool isOutput)
    {
        var name = string.Concat(foreign.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_')).TrimStart('-', '_');
        if (name.Length == 0 || !char.IsAsciiLetter(name[0])) name = "x_" + name;
        if (name.Length > NameRule.Longest - 6) name = name[..(NameRule.Longest - 6)];
        return !isOutput && ReservedNames.IsReserved(name) ? name + "_value" : name;
    }
}
