using System.Globalization;

namespace Yunpipe.Documents;

/// <summary>A number of bytes, written with binary units (<c>2 GiB</c>). <c>MB</c> and the like are read as powers of 1000.</summary>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>
{
    private static readonly (string Unit, long Factor)[] Units =
    [
        ("tib", 1L << 40), ("gib", 1L << 30), ("mib", 1L << 20), ("kib", 1L << 10),
        ("tb", 1_000_000_000_000), ("gb", 1_000_000_000), ("mb", 1_000_000), ("kb", 1_000),
        ("t", 1L << 40), ("g", 1L << 30), ("m", 1L << 20), ("k", 1L << 10), ("b", 1),
    ];

    public static ByteSize MiB(double count) => new((long)(count * (1 << 20)));

    public double InMiB => Bytes / (double)(1 << 20);

    /// <summary>Reads <c>512 MiB</c>, <c>2GB</c>, <c>1.5 g</c> or a bare number of bytes; false for anything else or a negative size.</summary>
    public static bool TryParse(string? text, out ByteSize size)
    {
        size = default;
        var rest = (text ?? "").Trim().ToLowerInvariant();
        long factor = 1;
        foreach (var (unit, value) in Units)
            if (rest.EndsWith(unit, StringComparison.Ordinal)) { factor = value; rest = rest[..^unit.Length].TrimEnd(); break; }
        if (!double.TryParse(rest, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        var bytes = number * factor;
        if (bytes > long.MaxValue / 2) return false;
        size = new ByteSize((long)Math.Round(bytes));
        return true;
    }

    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    public static bool operator <(ByteSize a, ByteSize b) => a.Bytes < b.Bytes;
    public static bool operator >(ByteSize a, ByteSize b) => a.Bytes > b.Bytes;
    public static bool operator <=(ByteSize a, ByteSize b) => a.Bytes <= b.Bytes;
    public static bool operator >=(ByteSize a, ByteSize b) => a.Bytes >= b.Bytes;

    /// <summary>The size in the largest unit that needs no fraction: reads back to the same number of bytes.</summary>
    public string ToExactText()
    {
        foreach (var (unit, factor) in (ReadOnlySpan<(string, long)>)[("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)])
            if (Bytes >= factor && Bytes % factor == 0) return string.Create(CultureInfo.InvariantCulture, $"{Bytes / factor} {unit}");
        return string.Create(CultureInfo.InvariantCulture, $"{Bytes} B");
    }

    public override string ToString()
    {
        foreach (var (unit, factor) in (ReadOnlySpan<(string, long)>)[("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)])
            if (Bytes >= factor) return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(Bytes / (double)factor, 1):0.#} {unit}");
        return $"{Bytes} B";
    }
}
