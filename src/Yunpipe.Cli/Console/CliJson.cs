using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Yunpipe.Cli.Console;

/// <summary>All documents that <c>--json</c> writes: one a line, names in camelCase, what is null left out. A document that is one of several kinds says which in “event”.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(Progress.WorkerJobDocument))]
internal sealed partial class CliJson : JsonSerializerContext;

internal static class JsonLines
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one document as one line to Out: <c>terminal.Json(document, CliJson.Default.StatusDocument)</c>.</summary>
    public static void Json<T>(this Terminal terminal, T document, JsonTypeInfo<T> type) => terminal.Out.WriteLine(ToLine(document, type));

    public static string ToLine(object? document, JsonTypeInfo type)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Readable)) JsonSerializer.Serialize(writer, document, type);
        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
