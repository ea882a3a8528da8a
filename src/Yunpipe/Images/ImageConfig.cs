using System.Text.Json.Nodes;

namespace Yunpipe.Images;

/// <summary>The configuration of an image as it can be read: for which machine, of which layers, and what a process in it starts with (OCI image
/// specification, "Image Configuration"; docker's has the same fields).</summary>
public sealed class ImageConfig
{
    private readonly JsonObject _json;

    private ImageConfig(ReadOnlyMemory<byte> bytes, JsonObject json, ImageJson.Subject subject)
    {
        (Bytes, _json) = (bytes, json);
        Platform = new ImagePlatform(Text(json, "os"), Text(json, "architecture"), Text(json, "variant") is { Length: > 0 } variant ? variant : null);
        DiffIds = json["rootfs"] is JsonObject root && root["diff_ids"] is not null ? Texts(subject, root, "diff_ids") : throw subject.Bad("it names no layers");
        var run = json["config"] as JsonObject ?? [];
        (Entrypoint, Command, Environment) = (Texts(subject, run, "Entrypoint"), Texts(subject, run, "Cmd"), Texts(subject, run, "Env"));
        (User, Directory) = (Text(run, "User"), Text(run, "WorkingDir"));
        Labels = subject.Texts(run, "Labels");
        Ports = run["ExposedPorts"] is JsonObject ports ? [.. ports.Select(port => port.Key)] : [];
    }

    /// <summary>Byte for byte: their digest is what engines call the image's id.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }
    public ImagePlatform Platform { get; }

    /// <summary>Digests of the uncompressed layers, base first.</summary>
    public IReadOnlyList<string> DiffIds { get; }
    public IReadOnlyList<string> Entrypoint { get; }
    public IReadOnlyList<string> Command { get; }

    /// <summary><c>NAME=value</c>, in the image's order.</summary>
    public IReadOnlyList<string> Environment { get; }
    public string User { get; }
    public string Directory { get; }
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>Ports that its author expects to be spoken to, such as <c>8080/tcp</c>: the sign of a service rather than of an algorithm.</summary>
    public IReadOnlyList<string> Ports { get; }

    /// <summary>What of it computes.</summary>
    public ImageIdentity Identity => new()
    {
        Layers = DiffIds, Entrypoint = Entrypoint, Command = Command, Environment = Environment, User = User, Directory = Directory, Labels = Labels,
    };

    /// <summary>The line of the Dockerfile that made a layer, counted from 0; null where the history does not say.</summary>
    public string? MadeBy(int layer)
    {
        if (_json["history"] is not JsonArray history) return null;
        var made = history.OfType<JsonObject>().Where(entry => entry["empty_layer"] is not JsonValue empty || !empty.TryGetValue<bool>(out var flag) || !flag).ElementAtOrDefault(layer);
        return made is not null && Text(made, "created_by") is { Length: > 0 } by ? by : null;
    }

    /// <summary>Reads a configuration; an <see cref="ImageException"/> says what is wrong with it.</summary>
    /// <param name="name">Whose it is, for messages.</param>
    public static ImageConfig Read(ReadOnlyMemory<byte> bytes, string name)
    {
        var subject = new ImageJson.Subject($"The configuration of {name}");
        return new ImageConfig(bytes, ImageJson.TryRead(bytes.Span) ?? throw subject.Bad("it is no JSON object"), subject);
    }

    /// <summary>An edited copy; every field that the edit leaves alone stays.</summary>
    internal ImageConfig With(Action<JsonObject> edit)
    {
        var json = _json.DeepClone().AsObject();
        edit(json);
        return Read(ImageJson.Write(json), "the new image");
    }

    private static string Text(JsonObject source, string key) => source[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static IReadOnlyList<string> Texts(ImageJson.Subject subject, JsonObject source, string key) => source[key] is null ? []
        : [.. subject.List(source, key).Select(item => item is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw subject.Bad($"“{key}” is not a list of texts"))];
}
