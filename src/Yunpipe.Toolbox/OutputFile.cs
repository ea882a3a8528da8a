namespace Yunpipe.Toolbox;

/// <summary>A file that appears whole under its name or not at all.</summary>
internal static class OutputFile
{
    private static int s_count;

    public static void Write(string path, Action<string> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        // A name of its own rather than path + ".part": the longest legal name has no room for an ending.
        var partial = Path.Combine(folder, $".toolbox-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}.part");
        try
        {
            write(partial);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
