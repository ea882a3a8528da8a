using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Stores;

namespace Yunpipe.Reports;

/// <summary>Numbers as people read them; the same in HTML and in a terminal.</summary>
internal static class Figures
{
    /// <summary><c>0.4 ms</c>, <c>31 ms</c>, <c>1.2 s</c>, <c>3 min 20 s</c>, <c>2 h 5 min</c>, <c>3 d 4 h</c>. From milliseconds.</summary>
    public static string Time(double milliseconds)
    {
        if (milliseconds < 9.95) return Text($"{milliseconds:0.#} ms");
        if (milliseconds < 999.5) return Text($"{milliseconds:0} ms");
        var seconds = milliseconds / 1000;
        if (seconds < 9.95) return Text($"{seconds:0.#} s");
        if (seconds < 59.5) return Text($"{seconds:0} s");
        var whole = (long)Math.Round(seconds);
        if (whole < 3600) return Pair(whole / 60, "min", whole % 60, "s");
        var minutes = (long)Math.Round(seconds / 60);
        return minutes < 1440 ? Pair(minutes / 60, "h", minutes % 60, "min") : Pair(minutes / 1440, "d", minutes % 1440 / 60, "h");
    }

    public static string Bytes(double bytes) => new ByteSize((long)Math.Round(bytes)).ToString();

    /// <summary>With a comma between thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>1 job</c>, <c>2 jobs</c>.</summary>
    public static string Count(long count, string thing) => $"{Count(count)} {thing}{(count == 1 ? "" : "s")}";

    public static string Percent(double share) => Text($"{share * 100:0} %");

    /// <summary>One digit after the point where it says something.</summary>
    public static string Number(double number) => number.ToString(number < 9.95 ? "0.#" : "0", CultureInfo.InvariantCulture);

    /// <summary>To the second, UTC; from milliseconds since 1970.</summary>
    public static string Moment(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A cause as its record spells it, such as <c>out-of-memory</c>.</summary>
    public static string Code(Cause cause) => string.Concat(cause.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? "-" + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));

    /// <summary>A cause in words, such as <c>out of memory</c>.</summary>
    public static string Words(Cause cause) => Code(cause).Replace('-', ' ');

    private static string Pair(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? Text($"{large} {largeUnit}") : Text($"{large} {largeUnit} {small} {smallUnit}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
