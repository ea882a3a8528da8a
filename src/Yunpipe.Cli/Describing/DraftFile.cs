using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Yunpipe.Cli.Describing;

/// <summary>Answers that are kept while a descriptor is in the making, one file for each folder that one works in and each image or file that one began with,
/// so that nothing typed is lost.</summary>
/// <param name="begun">The image that is described or the file that is edited; empty for neither.</param>
internal sealed class DraftFile(IReadOnlyDictionary<string, string> environment, string folder, string begun)
{
    private readonly string _path = Path.Combine(
        environment.GetValueOrDefault("XDG_STATE_HOME") is { Length: > 0 } state ? state : Path.Combine(environment.GetValueOrDefault("HOME", "/tmp"), ".local/state"),
        "yunpipe/describe", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(begun.Length == 0 ? folder : $"{folder}\n{begun}")).AsSpan(0, 8)) + ".json");

    /// <summary>Null where nothing is kept, or nothing that can be read.</summary>
    public IReadOnlyDictionary<string, string>? Read()
    {
        if (!File.Exists(_path)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(_path), DraftJson.Default.DictionaryStringString);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            // A draft is a convenience: where it is damaged, one begins anew.
            return null;
        }
    }

    /// <summary>True where it is kept; a home that cannot be written keeps nothing, and the editor says so.</summary>
    public bool Write(IReadOnlyDictionary<string, string> answers)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.WriteAllBytes(_path + ".new", JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(answers), DraftJson.Default.DictionaryStringString));
            File.Move(_path + ".new", _path, overwrite: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Forget()
    {
        if (File.Exists(_path)) File.Delete(_path);
    }
}

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DraftJson : JsonSerializerContext;
