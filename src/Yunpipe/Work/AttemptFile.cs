using System.Text.Json;
using System.Text.Json.Serialization;

namespace Yunpipe.Work;

/// <summary>What ran in an attempt's folder, so that it can be looked at and run again by hand: <c>attempt.json</c>, written where an attempt failed.</summary>
/// <param name="Launcher">Its name: <c>process</c>, <c>docker</c>, <c>podman</c>.</param>
/// <param name="In">Where the process saw its inputs; they lie in the folder's <c>in</c> now.</param>
/// <param name="Run">The request as the agent got it.</param>
public sealed record AttemptFile(string Step, string Launcher, string? Image, bool Network, SlotLimits Limits, string In, AgentRun Run)
{
    [JsonIgnore] public AlgorithmProgram Program => new("", Image, null, new Dictionary<string, Images.Digest>(), Network, Algorithms.Isolation.Job);

    public static AttemptFile Of(StepProgram step, SlotLimits limits, string seenIn, AgentRun run) => new(step.Name, step.Launcher.Name, step.Image, step.Program.Network, limits, seenIn, run);

    public void Write(string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this, AttemptJson.Default.AttemptFile));

    /// <summary>Null where there is none, or none that can be read.</summary>
    public static AttemptFile? Read(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), AttemptJson.Default.AttemptFile);
        }
        catch (JsonException)
        {
            return null; // Cut off by a crash, or of another format.
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(AttemptFile))]
internal sealed partial class AttemptJson : JsonSerializerContext;
