using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Yunpipe.Documents;

namespace Yunpipe.Images;

/// <summary>JSON of images: read strictly, since a digest vouches for the bytes and not for their sense; written the same way each time.</summary>
internal static class ImageJson
{
    private const int MaxDepth = 32;

    /// <summary>Whose JSON it is, for sentences about what is wrong with it.</summary>
    internal readonly record struct Subject(string Name)
    {
        public ImageException Bad(string flaw) => new(ImageCodes.BadManifest, $"{Name} cannot be read: {flaw}.", "Push or build the image again.");

        public ImageException BadDigest(string text) => text.Contains(':') && !text.StartsWith("sha256:", StringComparison.Ordinal)
            ? new ImageException(ImageCodes.OtherDigest, $"{Name} uses the digest {Wording.Quote(text)}; only sha256 is understood.", "Build the image again with the usual digests.")
            : Bad($"{Wording.Quote(text)} is not a sha256 digest");

        public string Text(JsonObject source, string key) =>
            source[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Bad($"{Wording.Quote(key)} is not there, or not a text");

        public long Number(JsonObject source, string key) =>
            source[key] is JsonValue value && value.TryGetValue<long>(out var number) ? number : throw Bad($"{Wording.Quote(key)} is not there, or not a whole number");

        public IReadOnlyDictionary<string, string> Texts(JsonObject source, string key)
        {
            var texts = new Dictionary<string, string>(StringComparer.Ordinal);
            if (source[key] is null) return texts;
            if (source[key] is not JsonObject map) throw Bad($"{Wording.Quote(key)} is not an object");
            foreach (var (name, _) in map) texts[name] = Text(map, name);
            return texts;
        }

        public JsonArray List(JsonObject source, string key) => source[key] as JsonArray ?? throw Bad($"{Wording.Quote(key)} is not there, or not a list");
    }

    /// <summary>The object that the bytes are; null where they are no JSON, or no object.</summary>
    public static JsonObject? TryRead(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (!IsText(bytes)) return null;
            return JsonNode.Parse(bytes, null, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = MaxDepth }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>False where a text holds bytes that are no UTF-8, or half a surrogate: nodes would throw when somebody looks at it.</summary>
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public static JsonObject Map(IEnumerable<KeyValuePair<string, string>> texts)
    {
        var map = new JsonObject();
        foreach (var (name, value) in texts.OrderBy(pair => pair.Key, StringComparer.Ordinal)) map[name] = value;
        return map;
    }

    public static byte[] Write(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        // Media types hold a plus sign, which the strict encoder would spell out.
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) node.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
