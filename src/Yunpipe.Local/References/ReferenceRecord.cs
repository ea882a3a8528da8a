using System.Text.Json;
using System.Text.Json.Serialization;

namespace Yunpipe.Local.References;

/// <summary>Beside a copy of reference data, written when it is whole.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Files">How many there are, with <paramref name="Size"/> bytes in all, the newest written at <paramref name="Newest"/> (ticks, UTC): a copy that is none any more is seen by that.</param>
internal sealed record ReferenceRecord(string Source, string Version, string Name, string Digest, long Files, long Size, long Newest)
{
    public static ReferenceRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ReferenceRecordJson.Default.ReferenceRecord);
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ReferenceRecordJson.Default.ReferenceRecord);

    /// <summary>What can be seen of a file or folder without reading it.</summary>
    public static (long Files, long Size, long Newest) Look(string path)
    {
        (long Files, long Size, long Newest) seen = (0, 0, 0);
        foreach (var file in Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories) : [new FileInfo(path)])
            if (file.Exists) seen = (seen.Files + 1, seen.Size + file.Length, Math.Max(seen.Newest, file.LastWriteTimeUtc.Ticks));
        return seen;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReferenceRecord))]
internal sealed partial class ReferenceRecordJson : JsonSerializerContext;
