namespace Yunpipe.EndToEnd;

/// <summary>The published executables that these tests run: the folder that YUNPIPE_BIN names.</summary>
internal static class Published
{
    public static string Agent => Find("yunpipe-agent");

    public static string Find(string name)
    {
        var folder = Environment.GetEnvironmentVariable("YUNPIPE_BIN");
        if (string.IsNullOrEmpty(folder)) Assert.Skip("YUNPIPE_BIN does not name the folder of published executables.");
        var path = Path.GetFullPath(Path.Combine(folder!, name));
        if (!File.Exists(path)) Assert.Skip($"{path} is not there: publish it first.");
        return path;
    }
}
