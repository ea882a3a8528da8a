using System.Buffers;
using System.Text.Json;

namespace Yunpipe.Images;

/// <summary>What of an image computes (model.md, "Identity"): its layers, and the part of its configuration that a process sees. Wrapping an image adds
/// a layer and moves the entrypoint into labels; both are taken back here, so that wrapped and unwrapped are the same algorithm.</summary>
public sealed record ImageIdentity
{
    /// <summary>Labels of a wrapped image: diff-id of the added layer; the entrypoint and command that were there before, as JSON lists.</summary>
    public const string AgentLayerLabel = "io.yunpipe.agent.layer", EntrypointLabel = "io.yunpipe.entrypoint", CommandLabel = "io.yunpipe.cmd";

    /// <summary>Diff-ids (digests of the uncompressed layers), base first.</summary>
    public required IReadOnlyList<string> Layers { get; init; }
    public IReadOnlyList<string> Entrypoint { get; init; } = [];
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary><c>NAME=value</c>, in the image's order.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];
    public string User { get; init; } = "";
    public string Directory { get; init; } = "";
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public bool IsWrapped => Labels.ContainsKey(AgentLayerLabel);

    /// <summary>The image's own, without ours. What somebody built on a wrapped image may have an entrypoint or a command of its own again.</summary>
    public IEnumerable<string> OwnLayers => Labels.TryGetValue(AgentLayerLabel, out var agent) ? Layers.Where(layer => layer != agent) : Layers;
    public IReadOnlyList<string> OwnEntrypoint => HasAgent ? FromLabel(EntrypointLabel) : Entrypoint;
    public IReadOnlyList<string> OwnCommand => HasAgent && Command.Count == 0 ? FromLabel(CommandLabel) : Command;
    public IEnumerable<string> OwnEnvironment => IsWrapped ? Environment.Where(variable => !variable.StartsWith(WrappedImage.Variable + "=", StringComparison.Ordinal)) : Environment;

    private bool HasAgent => IsWrapped && Entrypoint is [WrappedImage.Agent];

    /// <summary>The text that enters the algorithm's identity. Each field is a JSON value, so that no two different images have one text.</summary>
    public override string ToString()
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            json.WriteStringValue("image/1");
            Write(json, OwnLayers);
            Write(json, OwnEntrypoint);
            Write(json, OwnCommand);
            Write(json, OwnEnvironment);
            json.WriteStringValue(User);
            json.WriteStringValue(Directory.Length == 0 ? "/" : Directory);
            json.WriteEndArray();
        }
        return $"image {Digest.Of(bytes.WrittenSpan)}";
    }

    private IReadOnlyList<string> FromLabel(string name)
    {
        if (!Labels.TryGetValue(name, out var text)) return [];
        using var document = JsonDocument.Parse(text);
        return document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray().Select(word => word.GetString() ?? "")] : [];
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<string> texts)
    {
        json.WriteStartArray();
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
