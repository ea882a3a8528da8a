using System.Buffers;
using System.Text.Json;
using Yunpipe.Aws.Metrics;

namespace Yunpipe.Dispatcher;

/// <summary>Log lines as JSON, one document each, with the id of the call; and figures that CloudWatch reads out of the log
/// (<see cref="EmbeddedFormat"/>).</summary>
internal sealed class DispatchLog(Stream output, TimeProvider time, string deployment)
{
    private readonly Lock _lock = new();

    /// <summary>The call that is being answered.</summary>
    public string Call { get; set; } = "";

    public string Deployment { get; set; } = deployment;

    public void Tell(string level, string text, params ReadOnlySpan<(string Name, long Value)> numbers)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(line))
        {
            Begin(json, level);
            json.WriteString("text", text);
            foreach (var (name, value) in numbers) json.WriteNumber(name, value);
            json.WriteEndObject();
        }
        Write(line);
    }

    /// <summary>Counts of the whole deployment.</summary>
    public void Measure(params ReadOnlySpan<(Metric Metric, double Value)> figures)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line))
        {
            Begin(json, "info");
            EmbeddedFormat.Describe(json, time.GetUtcNow(), DeploymentMetrics.DeploymentDimensions, [.. figures.ToArray().Select(figure => figure.Metric)]);
            json.WriteString(DeploymentMetrics.Deployment, Deployment);
            foreach (var (metric, value) in figures) json.WriteNumber(metric.Name, value);
            json.WriteEndObject();
        }
        Write(line);
    }

    private void Begin(Utf8JsonWriter json, string level)
    {
        json.WriteStartObject();
        json.WriteString("time", time.GetUtcNow().UtcDateTime);
        json.WriteString("level", level);
        if (Call.Length > 0) json.WriteString("call", Call);
    }

    private void Write(ArrayBufferWriter<byte> line)
    {
        line.Write("\n"u8);
        lock (_lock)
        {
            output.Write(line.WrittenSpan);
            output.Flush();
        }
    }
}
