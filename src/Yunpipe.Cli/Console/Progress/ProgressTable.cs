using System.Globalization;
using Yunpipe.Runs;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>One step as it stands now.</summary>
/// <param name="Expected">All jobs that it will have; null where that is not known.</param>
/// <param name="Rate">Jobs a second.</param>
internal readonly record struct StepRow(string Name, long Done, long? Expected, long Running, long Waiting, long SetAside, long HeldBack, double Rate, bool FollowsItems)
{
    public static StepRow Of(StepProgress step, long? expected, double rate, bool followsItems) =>
        new(step.Name, step.Done, expected, step.Running, step.Waiting, step.SetAside, step.HeldBack, rate, followsItems);

    public TimeSpan? Left => Expected is { } all && Math.Max(0, all - Done - SetAside - HeldBack) is var rest
        ? rest == 0 ? TimeSpan.Zero : Rate > 0 ? TimeSpan.FromSeconds(Math.Min(rest / Rate, 365 * 86400.0)) : null
        : null;

    public bool IsActive => Running > 0 || Waiting > 0;
}

/// <summary>Progress as lines of text: a table where it can be drawn over itself, one line where it cannot.</summary>
internal static class ProgressTable
{
    private static readonly string[] Heads = ["step", "done", "running", "waiting", "set aside", "images/s", "time left"];

    /// <summary>Which columns go first where the window is narrow.</summary>
    private static readonly int[] Expendable = [5, 3, 2, 4];

    /// <param name="title">Stands above, before the time.</param>
    /// <param name="height">Most lines.</param>
    public static List<string> Draw(string title, TimeSpan elapsed, IReadOnlyList<StepRow> rows, int width, int height)
    {
        var shown = Shown(rows, Math.Max(1, height - 3));
        var cells = new List<string[]> { Heads };
        cells.AddRange(shown.Select(Cells));
        var widths = Enumerable.Range(0, Heads.Length).Select(column => cells.Max(line => line[column].Length)).ToArray();
        var lines = new List<string> { $"{title}  {Words.Time(Whole(elapsed))}{Left(rows, "  about {0} left")}" };
        var columns = Enumerable.Range(0, Heads.Length).ToList();
        foreach (var column in Expendable)
            if (columns.Sum(kept => widths[kept] + 2) - 2 >= width) columns.Remove(column);
        string Cell(string[] line, int column) => column == 0 ? line[0].PadRight(widths[0]) : line[column].PadLeft(widths[column]);
        lines.AddRange(cells.Select(line => string.Join("  ", columns.Select(column => Cell(line, column))).TrimEnd()));
        if (rows.Count > shown.Count) lines.Add($"… and {Words.Count(rows.Count - shown.Count, "more step")}");
        while (lines.Count > Math.Max(1, height)) lines.RemoveAt(lines.Count > 1 ? 1 : 0);
        return [.. lines.Select(line => line.Length < width ? line : line[..Math.Max(0, width - 1)])];
    }

    /// <summary><c>30 s: denoise 12 of 40, 2 running; segment 10 of 40, 1 set aside; about 2 min left</c>.</summary>
    public static string Line(TimeSpan elapsed, IReadOnlyList<StepRow> rows)
    {
        var begun = rows.Where(row => row.Done + row.Running + row.Waiting + row.SetAside + row.HeldBack > 0).Select(row =>
            $"{row.Name} {Number(row.Done)}{(row.Expected is { } all ? $" of {Number(all)}" : "")} done{Part(row.Running, "running")}{Part(row.SetAside, "set aside")}");
        return $"{Words.Time(Whole(elapsed))}: {string.Join("; ", begun)}{Left(rows, "; about {0} left")}";
    }

    /// <summary>Steps on which something happens come first where not all fit; their order stays that of the workflow.</summary>
    private static List<StepRow> Shown(IReadOnlyList<StepRow> rows, int most)
    {
        if (rows.Count <= most) return [.. rows];
        var picked = Enumerable.Range(0, rows.Count).OrderBy(i => rows[i].IsActive ? 0 : 1).ThenBy(i => i).Take(most).Order();
        return [.. picked.Select(i => rows[i])];
    }

    private static string[] Cells(StepRow row) =>
    [
        row.Name.Length > 28 ? row.Name[..27] + "…" : row.Name,
        row.Expected is { } all ? $"{Number(row.Done)}/{Number(all)}" : Number(row.Done),
        Number(row.Running), Number(row.Waiting), Number(row.SetAside), Rate(row.Rate),
        row.Left is { } left ? left == TimeSpan.Zero ? "–" : Words.Time(Whole(left)) : "",
    ];

    private static string Left(IReadOnlyList<StepRow> rows, string words)
    {
        var following = rows.Where(row => row.FollowsItems).Select(row => row.Left).ToList();
        if (following.Count == 0 || following.Contains(null) || following.Max() is not { Ticks: > 0 } left) return "";
        return string.Format(CultureInfo.InvariantCulture, words, Words.Time(Whole(left)));
    }

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds));

    private static string Part(long number, string what) => number == 0 ? "" : $", {Number(number)} {what}";

    private static string Rate(double rate) => rate <= 0 ? "" : rate.ToString(rate >= 100 ? "0" : rate >= 1 ? "0.0" : rate >= 0.1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
