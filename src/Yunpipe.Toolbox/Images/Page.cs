namespace Yunpipe.Toolbox.Images;

/// <summary>Which page of a multi-page image: a number counted from 0, or all of them.</summary>
internal readonly record struct Page(int Number)
{
    public static Page All { get; } = new(-1);

    public bool IsAll => Number < 0;

    public override string ToString() => IsAll ? "all" : Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
