using System.Globalization;
using Yunpipe.Stores;

namespace Yunpipe.Reports;

/// <summary>One row for each attempt of each job, as RFC 4180 has it (docs/guide/reports.md). Jobs that were done together in a batch share an
/// attempt, its times and its resources. Written as the records stream by.</summary>
public sealed class TraceCsv
{
    private const string Header = "job,step,key,attempt,started,wall_ms,cpu_ms,peak_memory_bytes,memory_limit_bytes,read_bytes,written_bytes,exit,cause,image,outputs,output_bytes";
    private readonly TextWriter _writer;

    public TraceCsv(TextWriter writer)
    {
        _writer = writer;
        End(Header);
    }

    internal void Add(FailureRecord failure)
    {
        foreach (var attempt in failure.Attempts) Row(failure.Job, failure.Step, failure.Key, attempt, null, []);
    }

    internal void Add(Manifest manifest)
    {
        for (var i = 0; i < manifest.Attempts.Count; i++)
            Row(manifest.Job, manifest.Step, manifest.Key, manifest.Attempts[i], manifest.Image, i == manifest.Attempts.Count - 1 ? manifest.Outputs : []);
    }

    private void Row(string job, string step, string key, AttemptRecord attempt, string? image, IReadOnlyList<ManifestOutput> outputs)
    {
        Cell(job);
        Cell(step);
        Cell(key);
        Cell(attempt.Id);
        Cell(DateTimeOffset.FromUnixTimeMilliseconds(attempt.Started).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        Cell(Milliseconds(attempt.Use?.Wall ?? attempt.Ended - attempt.Started));
        Cell(attempt.Use is { } use ? Milliseconds(use.Cpu) : "");
        Cell(Number(attempt.Use is { PeakMemory: > 0 } ? attempt.Use.PeakMemory : null));
        Cell(Number(attempt.MemoryLimit));
        Cell(Number(attempt.Use?.Read));
        Cell(Number(attempt.Use?.Written));
        Cell(Number(attempt.Exit));
        Cell(attempt.Cause is { } cause ? Figures.Code(cause) : "");
        Cell(image ?? "");
        Cell(Number(outputs.Count));
        End(Number(outputs.Sum(output => output.Size)));
    }

    private static string Milliseconds(double number) => Math.Round(number, 3).ToString(CultureInfo.InvariantCulture);

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private void Cell(string text)
    {
        _writer.Write(Quoted(text));
        _writer.Write(',');
    }

    private void End(string text)
    {
        _writer.Write(text);
        _writer.Write("\r\n");
    }

    private static string Quoted(string text) => text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
