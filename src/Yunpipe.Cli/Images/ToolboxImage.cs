using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Cli.Images;

/// <summary>The toolbox as an image: its program, and the libraries of this machine that it is linked with, on nothing else. Made without an engine and without
/// a registry, into a layout folder of the cache.</summary>
internal static partial class ToolboxImage
{
    public const string NotMade = "YP6211";

    private const string Program = "yunpipe-toolbox";
    private static readonly string[] Companions = ["libvips.so.42", "libvips-notices.md"];

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The place of the image, as <see cref="ImagePlaces"/> opens it.</summary>
    public static async Task<Reading<string>> Make(CliContext context, CancellationToken cancel)
    {
        if (!File.Exists(Path.Combine(context.Folder, Program)))
            return new(null, [new Problem(NotMade, $"The toolbox is not there: {Wording.Quote(Path.Combine(context.Folder, Program))}.", null, "Install Yunpipe again: its programs belong in one folder.")]);
        try
        {
            var tar = Tar(await Files(context.Folder, cancel));
            var diffId = Digest.Of(tar.Span);
            var place = $"oci:{Path.Combine(context.Cache ?? Path.Combine(Path.GetTempPath(), "yunpipe"), "toolbox")}:{diffId.Hex[..16]}";
            await using var target = await ImagePlaces.Open(place, PlaceUse.Write, context.Places, cancel);
            if (Directory.Exists(place[4..place.LastIndexOf(':')]) && await target.Place.FindManifest(target.Tag, cancel) is not null) return new(place, []);
            var layer = Gzip(tar.Span);
            var config = Config(diffId);
            var (layerBlob, configBlob) = (BlobDescriptor.Of(MediaTypes.LayerGzip, layer), BlobDescriptor.Of(MediaTypes.Config, config));
            await target.Place.WriteBlob(layerBlob, layer, cancel);
            await target.Place.WriteBlob(configBlob, config, cancel);
            await target.Place.WriteManifest(ImageManifest.Of(configBlob, [layerBlob]).Document, target.Tag, cancel);
            await target.Place.Finish(cancel);
            return new(place, []);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return new(null, [new Problem(NotMade, $"The image of the toolbox cannot be made: {error.Message.TrimEnd('.')}.")]);
        }
    }

    /// <summary>Paths in the image, in order, and where the bytes lie.</summary>
    private static async Task<SortedDictionary<string, string>> Files(string folder, CancellationToken cancel)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in (string[])[Program, .. Companions])
            if (File.Exists(Path.Combine(folder, name))) files[$"usr/bin/{name}"] = Path.Combine(folder, name);
        var start = new ProcessStartInfo("ldd", [.. files.Values.Where(path => !path.EndsWith(".md", StringComparison.Ordinal))]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0) throw new IOException($"ldd says: {(await errors).Trim()}");
        foreach (Match library in Library().Matches(await output))
            if (!Companions.Contains(Path.GetFileName(library.Value))) files[library.Value.TrimStart('/')] = library.Value;
        return files;
    }

    private static ReadOnlyMemory<byte> Tar(SortedDictionary<string, string> files)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            var folders = files.Keys.SelectMany(Parents).Append("tmp").ToHashSet();
            foreach (var folder in folders.Order(StringComparer.Ordinal))
                tar.WriteEntry(Entry(TarEntryType.Directory, folder + "/", folder == "tmp" ? Executable | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit : Executable));
            foreach (var (name, path) in files)
            {
                var entry = Entry(TarEntryType.RegularFile, name, name.EndsWith(".md", StringComparison.Ordinal) ? Readable : Executable);
                entry.DataStream = new MemoryStream(File.ReadAllBytes(path));
                tar.WriteEntry(entry);
            }
        }
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1)) yield return path[..slash];
    }

    private static UstarTarEntry Entry(TarEntryType type, string name, UnixFileMode mode) => new(type, name) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch, Uid = 0, Gid = 0 };

    private static byte[] Gzip(ReadOnlySpan<byte> tar)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(tar);
        return packed.ToArray();
    }

    private static byte[] Config(Digest diffId) => System.Text.Encoding.UTF8.GetBytes(new JsonObject
    {
        ["architecture"] = "amd64", ["os"] = "linux",
        ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/usr/bin"), ["Entrypoint"] = new JsonArray($"/usr/bin/{Program}") },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(diffId.ToString()) },
    }.ToJsonString());

    /// <summary>Of each line of ldd the path, whether behind an arrow or alone.</summary>
    [GeneratedRegex(@"(?<=\s)/[^\s:]+(?= \()")]
    private static partial Regex Library();
}
