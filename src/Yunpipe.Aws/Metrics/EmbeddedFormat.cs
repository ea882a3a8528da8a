using System.Text.Json;

namespace Yunpipe.Aws.Metrics;

/// <summary>The part of a log line that says which of its fields are figures (CloudWatch user guide, “Specification: Embedded metric format”).</summary>
public static class EmbeddedFormat
{
    /// <summary>Writes <c>_aws</c>; dimensions and figures are fields of the same object, which whoever calls writes beside it.</summary>
    public static void Describe(Utf8JsonWriter json, DateTimeOffset now, IReadOnlyList<string> dimensions, params IEnumerable<Metric> metrics)
    {
        json.WriteStartObject("_aws");
        json.WriteNumber("Timestamp", now.ToUnixTimeMilliseconds());
        json.WriteStartArray("CloudWatchMetrics");
        json.WriteStartObject();
        json.WriteString("Namespace", DeploymentMetrics.Namespace);
        json.WriteStartArray("Dimensions");
        json.WriteStartArray();
        foreach (var dimension in dimensions) json.WriteStringValue(dimension);
        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteStartArray("Metrics");
        foreach (var (name, unit) in metrics)
        {
            json.WriteStartObject();
            json.WriteString("Name", name);
            json.WriteString("Unit", unit);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
