using System.Text.Json;
using Yunpipe.Aws.Calls;

namespace Yunpipe.Cli.Commands;

/// <summary>A line that a task wrote to its log (docs/spec/agent-protocol.md): what an algorithm wrote, or what the agent tells of its jobs.</summary>
/// <param name="Jobs">The jobs that it is about; one, for a batch all of it.</param>
/// <param name="Level">Null for a line that is not the agent's.</param>
internal sealed record TaskLine(LogEvent Event, IReadOnlyList<string> Jobs, string? Level, string? Happened, string? Key, string? How, string? Text)
{
    public bool IsOutput => Level == "output";

    public static TaskLine Of(LogEvent found)
    {
        try
        {
            using var json = JsonDocument.Parse(found.Message);
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Object)
            {
                string? Field(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
                IReadOnlyList<string> jobs = root.TryGetProperty("jobs", out var all) && all.ValueKind == JsonValueKind.Array ? [.. all.EnumerateArray().Select(job => job.GetString() ?? "")] : Field("job") is { } one ? [one] : [];
                return new TaskLine(found, jobs, Field("level"), Field("event"), Field("key"), Field("how"), Field("text"));
            }
        }
        catch (JsonException)
        {
            // Something else than the agent wrote it.
        }
        return new TaskLine(found, [], null, null, null, null, found.Message);
    }

    /// <summary>For people; null for what says nothing to them.</summary>
    public string? Words => Happened switch
    {
        "job-started" => "started",
        "job-ended" => Text is null ? How : $"{How}: {Text}",
        _ => Text,
    };
}
