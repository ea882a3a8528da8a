using System.Text;
using Yunpipe.Documents;

namespace Yunpipe.Reports;

/// <summary>A report as plain text, for the end of a run. Names cannot move the cursor or change colours.</summary>
public static class ReportText
{
    private const int WidestName = 24;
    private static readonly string[] Head = ["STEP", "DONE", "ADOPTED", "SET ASIDE", "RETRIES", "MEDIAN", "95 %", "CORES", "MEMORY", "ASKED", "PROPOSED"];

    public static void Write(Report report, TextWriter to)
    {
        if (report.Steps.Count > 0) Table([Head, .. report.Steps.Select(Row)], to);
        Line(to, $"{Figures.Count(report.Done, "job")} done{(report.Adopted > 0 ? $", {Figures.Count(report.Adopted)} adopted" : "")}, {Figures.Count(report.SetAside)} set aside{(report.Superseded > 0 ? $", {Figures.Count(report.Superseded)} superseded" : "")}; {Figures.Time(report.Steps.Sum(step => step.Cpu.Sum))} of processor time, {Figures.Bytes(report.Steps.Sum(step => step.InBytes))} in, {Figures.Bytes(report.Steps.Sum(step => step.OutBytes))} out.");
        foreach (var step in report.Steps)
        {
            if (step.Memory.Verdict is MemoryVerdict.TooLittle or MemoryVerdict.TooMuch) Line(to, $"memory of {Clean(step.Name)}: {step.Memory.Advice}");
            if (step.CpuAdvice is { } advice) Line(to, $"processor of {Clean(step.Name)}: {advice}");
        }
        foreach (var group in report.Failures)
        {
            Line(to, $"{Clean(group.Step)}: {Figures.Count(group.Count)} × {Clean(group.Sentence)}");
            var names = string.Join(", ", group.Examples.Take(3).Select(example => Clean(example.Key)));
            Line(to, $"  {names}{(group.Count > 3 ? $" and {Figures.Count(group.Count - 3)} more" : "")}");
        }
    }

    private static string[] Row(StepReport step) =>
    [
        Cut(Clean(step.Name)), Figures.Count(step.Done), Figures.Count(step.Adopted), Figures.Count(step.SetAside), Figures.Count(step.RetryCount),
        step.Wall.Count == 0 ? "–" : Figures.Time(step.Wall.Median), step.Wall.Count == 0 ? "–" : Figures.Time(step.Wall.P95), step.Cpu.Count == 0 ? "–" : Figures.Number(step.CoresUsed),
        step.Memory.Max == 0 ? "–" : Figures.Bytes(step.Memory.P99), step.Memory.Asked == 0 ? "–" : Figures.Bytes(step.Memory.Asked),
        step.Memory.Proposed == 0 ? "–" : new ByteSize(step.Memory.Proposed).ToExactText(),
    ];

    private static void Table(IReadOnlyList<string[]> rows, TextWriter to)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Length; column++)
                line.Append(column == 0 ? row[column].PadRight(widths[0]) : "  " + row[column].PadLeft(widths[column]));
            Line(to, line.ToString());
        }
    }

    private static void Line(TextWriter to, string text) => to.Write(text + "\n");

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) clean.Append(Wording.Quote(rune.ToString())[1..^1]);
        return clean.ToString();
    }

    private static string Cut(string name) => name.Length <= WidestName ? name : name[..(WidestName - 1)] + "…";
}
