namespace Yunpipe.Algorithms;

/// <summary>Names of machines that EC2 rents out: a family, a dot, a size.</summary>
public static class MachineName
{
    public const string Pattern = "^[a-z][a-z0-9-]*[0-9][a-z0-9-]*\\.[a-z0-9-]+$";

    public static bool IsType(string name)
    {
        var dot = name.IndexOf('.');
        return dot > 0 && dot < name.Length - 1 && char.IsAsciiLetterLower(name[0]) && name.AsSpan(0, dot).IndexOfAnyInRange('0', '9') > 0
            && name.AsSpan(0, dot).IndexOfAnyExcept(Letters) < 0 && name.AsSpan(dot + 1).IndexOfAnyExcept(Letters) < 0;
    }

    /// <summary>True for machines with ARM processors: in their families a <c>g</c> follows the generation (c7g, m6gd, im4gn), and a1 was the first.</summary>
    public static bool IsArm(string name)
    {
        var generation = name.AsSpan().IndexOfAnyInRange('0', '9');
        return name.StartsWith("a1.", StringComparison.Ordinal) || (generation > 0 && generation + 1 < name.Length && name[generation + 1] == 'g');
    }

    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
}
