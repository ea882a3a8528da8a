using System.Security.Cryptography;
using System.Text;
using Yunpipe.Stores;

namespace Yunpipe.Aws.Stores;

/// <summary>What every object of a store is called (docs/spec/store-layout.md). The step always comes second among the records, so that a role can be given its own.</summary>
/// <param name="jobs">Before the outputs: empty, or ends with a slash.</param>
/// <param name="records">Before the records.</param>
public sealed class S3Layout(string jobs, string records)
{
    /// <summary>Longer names are cut here, and end in their hash.</summary>
    internal const int LongestName = 600;

    /// <summary>A store of its own below a prefix: the view stands around <c>_yunpipe</c>, as in a folder.</summary>
    public static S3Layout Below(string prefix) => new(prefix + "_yunpipe/jobs/", prefix + "_yunpipe/");

    /// <summary>The work bucket of a deployment, whose results have a bucket of their own.</summary>
    public static S3Layout Deployment(string prefix) => new(prefix, prefix + "_yunpipe/");

    public string Outputs(string step, string job, string attempt) => $"{jobs}{step}/{job}/{attempt}/";

    /// <summary>Names and sizes of a directory's files. Beside the attempt's own prefix, where no output can be called so.</summary>
    public string Listing(string step, string job, string attempt, string path) => $"{jobs}{step}/{job}/{attempt}.listings/{path}";

    public string Manifests(string? step) => step is null ? $"{records}manifests/" : $"{records}manifests/{step}/";

    public string Manifest(string step, string job) => $"{Manifests(step)}{job}.json";

    public string Failures(string? step) => step is null ? $"{records}failures/" : $"{records}failures/{step}/";

    public string Failure(string step, string job) => $"{Failures(step)}{job}.json";

    public string Attempts(string step, string job) => $"{records}attempts/{step}/{job}/";

    public string Content(string step, string content) => $"{records}content/{step}/{content}";

    public string Items(string? step) => step is null ? $"{records}items/" : $"{records}items/{step}/";

    public string Item(string step, string key) => Items(step) + Name(key);

    /// <summary>What the items below a key begin with.</summary>
    public string Below(string step, string key) => Items(step) + Begin(key + "/");

    public string Groups(string step, string group) => $"{records}groups/{step}/{Name(group)}/";

    /// <summary>A member is called by the hash of its step and key: both may be long, and hold slashes.</summary>
    public string Member(string step, string group, string memberStep, string key) => Groups(step, group) + Hash($"{memberStep}\0{key}");

    public string ViewHolder(string path) => $"{records}views/{Hash(path)}";

    public string Message(string step, string name) => $"{records}messages/{step}/{name}.json";

    private static string Name(string key) => Encoding.UTF8.GetByteCount(key) <= LongestName ? key : $"{Begin(key)}~{Hash(key)}";

    /// <summary>The first bytes of a long name, cut between two letters.</summary>
    private static string Begin(string key)
    {
        if (Encoding.UTF8.GetByteCount(key) <= LongestName) return key;
        var length = 0;
        var bytes = 0;
        foreach (var rune in key.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > LongestName) break;
            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }
        return key[..length];
    }

    private static string Hash(string text) => JobId.FromHash(SHA256.HashData(Encoding.UTF8.GetBytes(text))).ToString();
}
