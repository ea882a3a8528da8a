using System.Globalization;

namespace Yunpipe.Cli.Console;

/// <summary>Numbers, times and paths as people read them.</summary>
internal static class Words
{
    public static string Count(long count, string thing, string? things = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? thing : things ?? thing + "s")}");

    /// <summary><c>1 h 5 min</c>, <c>2 min 3 s</c>, <c>4.2 s</c>.</summary>
    public static string Time(TimeSpan time) => time.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##} s")
        : time.TotalSeconds < 10
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s")
        : time.TotalDays >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h")
        : time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Seconds} s");

    /// <summary>A key or file name on one line: what a terminal would act on is spelled out.</summary>
    public static string Name(string name)
    {
        var clean = true;
        foreach (var c in name) clean &= !char.IsControl(c);
        return clean ? name : string.Concat(name.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
    }

    /// <summary>As a shell needs it, for commands that can be copied.</summary>
    public static string Argument(string text) => Algorithms.CommandPreview.ToLine([text]);

    /// <summary>Relative to the current folder where it lies below it.</summary>
    public static string Path(string path)
    {
        if (Aws.Stores.S3Address.Names(path)) return path;
        var relative = System.IO.Path.GetRelativePath(".", path);
        return relative.StartsWith("../", StringComparison.Ordinal) || relative == ".." ? System.IO.Path.GetFullPath(path) : relative;
    }
}
