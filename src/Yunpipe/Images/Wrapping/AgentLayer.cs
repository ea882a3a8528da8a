using System.Formats.Tar;
using System.IO.Compression;
using Yunpipe.Documents;

namespace Yunpipe.Images.Wrapping;

/// <summary>The one layer that wrapping adds: the same bytes for every image, so that a registry, an engine and a host keep it once
/// (docs/spec/wrapped-image.md).</summary>
/// <param name="Bytes">The gzipped tar.</param>
/// <param name="DiffId">Digest of the tar.</param>
public sealed record AgentLayer(ReadOnlyMemory<byte> Bytes, Digest Digest, Digest DiffId)
{
    /// <summary>Names of the parts beside the program that wraps; the agent alone must be there.</summary>
    public const string AgentFile = "yunpipe-agent", CertificatesFile = "yunpipe-ca.pem", NoticesFile = "yunpipe-agent-notices.md";

    private static readonly (string File, string Name, UnixFileMode Mode)[] Parts =
    [
        (AgentFile, "agent", Executable), (CertificatesFile, "ca.pem", Readable), (NoticesFile, "notices.md", Readable),
    ];

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The machines that an agent is built for.</summary>
    public static IReadOnlyList<ImagePlatform> Platforms { get; } = [new("linux", "amd64")];

    /// <summary>Makes the layer out of the parts in a folder, or takes it from the cache.</summary>
    /// <param name="cache">A folder that may not exist yet; null for none.</param>
    public static Reading<AgentLayer> Make(string folder, string? cache)
    {
        if (!File.Exists(Path.Combine(folder, AgentFile)))
            return new(null, [new Problem(WrapCodes.NoAgent, $"The agent is not there: {Wording.Quote(Path.Combine(folder, AgentFile))}.", null, "Install Yunpipe again: its programs belong in one folder.")]);
        var tar = Tar(folder);
        var diffId = Digest.Of(tar.Span);
        var kept = cache is null ? null : Path.Combine(cache, $"agent-{diffId.Hex}.tar.gz");
        if (kept is not null && Kept(kept, diffId) is { } layer) return new(layer, []);
        var bytes = Gzip(tar.Span);
        if (kept is not null) Keep(kept, bytes);
        return new(new AgentLayer(bytes, Digest.Of(bytes), diffId), []);
    }

    /// <summary>As a descriptor in a manifest of the given kind.</summary>
    public BlobDescriptor Descriptor(ImageManifest manifest) =>
        new(MediaTypes.IsDocker(manifest.Document.MediaType) ? MediaTypes.DockerLayerGzip : MediaTypes.LayerGzip, Digest, Bytes.Length);

    private static ReadOnlyMemory<byte> Tar(string folder)
    {
        var bytes = new MemoryStream();
        // Ustar: .NET's PAX headers carry the process id, and would give another digest each time.
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            // Folders are named, since engines disagree on the rights of those that are not.
            var inside = WrappedImage.Folder[1..];
            foreach (var parent in (ReadOnlySpan<string>)[inside[..inside.IndexOf('/')], inside]) tar.WriteEntry(Entry(TarEntryType.Directory, parent + "/", Executable));
            foreach (var (file, name, mode) in Parts)
            {
                var path = Path.Combine(folder, file);
                if (!File.Exists(path)) continue;
                var entry = Entry(TarEntryType.RegularFile, $"{inside}/{name}", mode);
                entry.DataStream = new MemoryStream(File.ReadAllBytes(path));
                tar.WriteEntry(entry);
            }
        }
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static UstarTarEntry Entry(TarEntryType type, string name, UnixFileMode mode) => new(type, name) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch, Uid = 0, Gid = 0 };

    private static byte[] Gzip(ReadOnlySpan<byte> tar)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(tar);
        return packed.ToArray();
    }

    /// <summary>What the cache holds, if it still unpacks to this layer: a file there can be cut by a full disk, or be anybody's.</summary>
    private static AgentLayer? Kept(string path, Digest diffId)
    {
        try
        {
            if (!File.Exists(path)) return null;
            var bytes = File.ReadAllBytes(path);
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            return Digest.FromHash(System.Security.Cryptography.SHA256.HashData(gzip)) == diffId ? new AgentLayer(bytes, Digest.Of(bytes), diffId) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null; // Made anew.
        }
    }

    private static void Keep(string path, byte[] bytes)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var half = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(half, bytes);
            File.Move(half, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A cache only saves the next one half a second: without a home, or on a full disk, there is none.
        }
    }
}
