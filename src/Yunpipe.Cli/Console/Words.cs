using System.Globalization;

namespace Yunpipe.Cli.Console;

/// <summary>Numbers, times and paths as people read them.</summary>
internal static class Words
{
    public static string Count(long count, string thing, string? things = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? thing : things ?? thing + "s")}");

    /// <summary><c>1 h 5 min</c>, <c>2 min 3 s</c>, <c>4.2 s</c>.</summary>
    public static string Time(TimeSpan time) => time.TotalSeconds < 10
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s")
        : time.TotalDays >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h")
        : time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Seconds} s");

    /// <summary>Relative to the current folder where it lies below it.</summary>
    public static string Path(string path)
    {
        var relative = System.IO.Path.GetRelativePath(".", path);
        return relative.StartsWith("../", StringComparison.Ordinal) || relative == ".." ? System.IO.Path.GetFullPath(path) : relative;
    }
}
