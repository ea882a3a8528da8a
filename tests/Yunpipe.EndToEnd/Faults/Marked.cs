using System.Globalization;
using System.Text;

namespace Yunpipe.EndToEnd.Faults;

/// <summary>Processes by what stands in their environment, and waiting for what must come true.</summary>
internal static class Marked
{
    /// <summary>Processes with <c>NAME=value</c> in their environment.</summary>
    public static IReadOnlyList<int> Find(string mark) => Find("environ", "\0" + mark + "\0");

    /// <summary>Processes, also inside containers, that were started with this argument.</summary>
    public static IReadOnlyList<int> WithArgument(string argument) => Find("cmdline", "\0" + argument + "\0");

    private static List<int> Find(string file, string text)
    {
        var wanted = Encoding.UTF8.GetBytes(text);
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            try
            {
                if (((byte[])[0, .. File.ReadAllBytes($"{folder}/{file}")]).AsSpan().IndexOf(wanted) >= 0) found.Add(pid);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked, or is somebody else's.
            }
        }
        return found;
    }

    public static string Name(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Looks until it is true; a sentence where it never becomes so.</summary>
    public static async Task Until(Func<bool> isTrue, string what, int seconds = 120)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!isTrue())
        {
            clock.Elapsed.TotalSeconds.ShouldBeLessThan(seconds, what);
            await Task.Delay(10);
        }
    }
}
