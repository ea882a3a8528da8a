using System.IO.Compression;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Aws.Deploying;

/// <summary>The dispatcher as Lambda takes it: a zip with one executable. The same program is always the same bytes.</summary>
public sealed record DispatcherPackage(byte[] Bytes, string Key)
{
    /// <summary>Name of the executable beside yunpipe, and in the zip: what Lambda starts.</summary>
    public const string Executable = "bootstrap";

    public const string NotThere = "YP6210";

    public static Reading<DispatcherPackage> Make(string folder)
    {
        var path = Path.Combine(folder, Executable);
        if (!File.Exists(path)) return new(null, [new Problem(NotThere, $"The dispatcher is not there: {Wording.Quote(path)}.", null, "Install Yunpipe again: its programs belong in one folder.")]);
        var program = File.ReadAllBytes(path);
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            var entry = zip.CreateEntry(Executable, CompressionLevel.Optimal);
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            // A regular file that all may read and execute, in the upper half of what Unix keeps there.
            entry.ExternalAttributes = 0x81ED << 16;
            using var content = entry.Open();
            content.Write(program);
        }
        return new(new DispatcherPackage(bytes.ToArray(), $"dispatcher/{Digest.Of(program).Hex[..16]}.zip"), []);
    }
}
