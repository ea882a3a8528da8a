using Yunpipe.Documents;

namespace Yunpipe.Items;

/// <summary>Names in sentences.</summary>
internal static class Naming
{
    /// <summary><c>“a”, “b” and “c”</c>.</summary>
    public static string And(IEnumerable<string> names)
    {
        var quoted = names.Select(Wording.Quote).ToList();
        return quoted.Count < 2 ? string.Concat(quoted) : $"{string.Join(", ", quoted.SkipLast(1))} and {quoted[^1]}";
    }
}
