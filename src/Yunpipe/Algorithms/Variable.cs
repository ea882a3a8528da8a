namespace Yunpipe.Algorithms;

public enum VariableType { String, Integer, Number, Flag, Enum, File, Directory, List }

/// <summary>A value in canonical text (<c>1.5</c>, never <c>1.50</c>; a flag is <c>true</c> or <c>false</c>); a list has any number of them.</summary>
public sealed record VariableValue(IReadOnlyList<string> Items, bool IsList = false)
{
    public static VariableValue Of(string text) => new([text]);

    public string Text => IsList ? string.Join(",", Items) : Items[0];

    public bool Equals(VariableValue? other) => other is not null && IsList == other.IsList && Items.SequenceEqual(other.Items);

    public override int GetHashCode() => Items.Aggregate(IsList ? 1 : 0, (hash, item) => HashCode.Combine(hash, item));

    public override string ToString() => Text;
}

/// <summary>A typed variable of an algorithm. A variable that owns a <see cref="Flag"/> expands to flag and value; a missing optional one to nothing.</summary>
public sealed record Variable
{
    public required string Name { get; init; }
    public VariableType Type { get; init; } = VariableType.String;

    /// <summary>Type of a list's members.</summary>
    public VariableType Of { get; init; } = VariableType.String;
    public VariableValue? Default { get; init; }
    public bool Required { get; init; }
    public decimal? Minimum { get; init; }
    public decimal? Maximum { get; init; }

    /// <summary>Bounds that the value itself may not reach.</summary>
    public decimal? Above { get; init; }
    public decimal? Below { get; init; }

    /// <summary>How many members a list may have; null for any number.</summary>
    public int? MinItems { get; init; }
    public int? MaxItems { get; init; }

    /// <summary>A regular expression (linear time) that the whole value must match.</summary>
    public string? Pattern { get; init; }
    public IReadOnlyList<string> Values { get; init; } = [];
    public string Help { get; init; } = "";

    /// <summary>For example <c>--sigma</c>.</summary>
    public string? Flag { get; init; }

    /// <summary>Between flag and value: null makes two arguments, <c>=</c> one.</summary>
    public string? Separator { get; init; }

    /// <summary>Between members of a list inside one argument; null makes one argument each.</summary>
    public string? ListSeparator { get; init; }

    /// <summary>Whether every member of a list has the flag before it.</summary>
    public bool Repeat { get; init; }
}

public enum RuleKind { OneOf, AtMostOne, AtLeastOne, AllOrNone, Requires }

/// <summary>A rule between variables: exactly one of, at most one of, at least one of, all or none of, or the first requires all the others.</summary>
/// <param name="Variables">Names; or <c>name=value</c>, which counts as given only with this value.</param>
public sealed record VariableRule(RuleKind Kind, IReadOnlyList<string> Variables)
{
    /// <summary>The name, and the value where the member names one.</summary>
    public static (string Name, string? Value) Member(string text) =>
        text.IndexOf('=') is > 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);
}
