namespace Yunpipe.Agent;

/// <summary>Yunpipe's own variables, which nothing that the agent starts gets to see.</summary>
internal static class OwnVariables
{
    /// <summary>By these marks what outlives its agent on this machine is found and ended, so they are inherited.</summary>
    private static readonly string[] Marks = ["YUNPIPE_AGENT", "YUNPIPE_STORE"];

    /// <param name="entry">A name, or <c>NAME=value</c>.</param>
    public static bool Hides(string entry) =>
        entry.StartsWith("YUNPIPE_", StringComparison.Ordinal) && !Marks.Contains(entry.Split('=', 2)[0]);
}
