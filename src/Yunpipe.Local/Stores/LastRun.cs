using System.Text.Json;
using System.Text.Json.Serialization;

namespace Yunpipe.Local.Stores;

/// <summary>How the last run on an output was asked for: <c>_yunpipe/run.json</c>. It lets a job be made and run again by hand, and tells which command goes on.</summary>
/// <param name="Command">The command line, without the program's name.</param>
/// <param name="Folder">The folder in which it was given.</param>
/// <param name="Workflow">The workflow file, absolute; null where there was none.</param>
/// <param name="Input">The folder of images, absolute.</param>
/// <param name="Settings">Each <c>step.variable=value</c>.</param>
/// <param name="Launcher">As asked; null where it was found.</param>
public sealed record LastRun(IReadOnlyList<string> Command, string Folder, string? Workflow, string Input, IReadOnlyList<string> Settings, string? Launcher)
{
    /// <summary>Null where no run has told, or in words of another release.</summary>
    public static LastRun? Read(StoreLayout layout)
    {
        if (!File.Exists(layout.LastRun)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(layout.LastRun), LastRunJson.Default.LastRun);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Written by whoever holds the output.</summary>
    public void Write(StoreLayout layout)
    {
        Directory.CreateDirectory(layout.Inner);
        File.WriteAllBytes(layout.LastRun, JsonSerializer.SerializeToUtf8Bytes(this, LastRunJson.Default.LastRun));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LastRun))]
internal sealed partial class LastRunJson : JsonSerializerContext;
