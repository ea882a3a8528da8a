using System.Globalization;
using System.Text;

namespace Yunpipe.Documents;

/// <summary>Durations as people write them: <c>10 min</c>, <c>30s</c>, <c>1h 30m</c>, <c>250 ms</c>. <c>m</c> is minutes. To the millisecond; the largest is a year.</summary>
public static class Duration
{
    private static readonly (string Unit, long Milliseconds)[] Units =
    [
        ("ms", 1), ("milliseconds", 1), ("s", 1_000), ("sec", 1_000), ("second", 1_000), ("seconds", 1_000), ("m", 60_000), ("min", 60_000), ("minute", 60_000),
        ("minutes", 60_000), ("h", 3_600_000), ("hour", 3_600_000), ("hours", 3_600_000), ("d", 86_400_000), ("day", 86_400_000), ("days", 86_400_000),
    ];

    /// <summary>False for anything else, also for a number without a unit (only a bare 0 is clear) and for a unit given twice.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        var rest = (text ?? "").AsSpan().Trim();
        if (rest is "0") return true;
        if (rest.Length is 0 or > 64) return false;
        decimal total = 0;
        var last = long.MaxValue;
        while (rest.Length > 0)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.')) digits++;
            if (digits == 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..].TrimStart();
            var letters = 0;
            while (letters < rest.Length && char.IsAsciiLetter(rest[letters])) letters++;
            var factor = Factor(rest[..letters]);
            if (factor == 0 || factor >= last || number > 366_000_000_000m) return false;
            total += number * factor;
            last = factor;
            rest = rest[letters..].TrimStart();
        }
        if (total > 366m * 86_400_000) return false;
        duration = TimeSpan.FromMilliseconds((long)total);
        return true;
    }

    private static long Factor(ReadOnlySpan<char> unit)
    {
        foreach (var (name, factor) in Units)
            if (unit.Equals(name, StringComparison.OrdinalIgnoreCase)) return factor;
        return 0;
    }

    /// <summary><c>1 h 30 min</c>; reads back to the same duration, to the millisecond.</summary>
    public static string Format(TimeSpan duration)
    {
        var text = new StringBuilder();
        var rest = (long)duration.TotalMilliseconds;
        foreach (var (unit, factor) in (ReadOnlySpan<(string, long)>)[("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)])
        {
            if (rest < factor) continue;
            text.Append(text.Length > 0 ? " " : "").Append(CultureInfo.InvariantCulture, $"{rest / factor} {unit}");
            rest %= factor;
        }
        return text.Length > 0 ? text.ToString() : "0 s";
    }
}
