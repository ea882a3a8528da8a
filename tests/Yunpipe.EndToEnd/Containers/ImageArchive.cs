using System.Formats.Tar;
using System.Text.Json.Nodes;
using Yunpipe.Images;
using Yunpipe.Local.Launchers;

namespace Yunpipe.EndToEnd.Containers;

/// <summary>An image out of an engine, changed by hand, and put back: what a wrapper or a builder would do.</summary>
internal static class ImageArchive
{
    /// <summary>Copies an image under another name, with a changed configuration and perhaps one layer more.</summary>
    public static void Change(ContainerEngine engine, string from, string name, byte[]? layer, Action<JsonNode> config)
    {
        using var scratch = new ScratchFolder();
        var (saved, changed) = (Path.Combine(scratch.Root, "saved.tar"), Path.Combine(scratch.Root, "changed.tar"));
        Engines.Ask(engine, engine.IsPodman ? ["save", "--format", "docker-archive", "--output", saved, from] : ["save", "--output", saved, from]);
        var root = scratch.Folder("image");
        TarFile.ExtractToDirectory(saved, root, overwriteFiles: true);
        // Engines save their files read-only.
        foreach (var file in Directory.EnumerateFiles(root)) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(root, "manifest.json")))!;
        var entry = manifest[0]!;
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(root, (string)entry["Config"]!)))!;
        if (layer is not null)
        {
            File.WriteAllBytes(Path.Combine(root, "added.tar"), layer);
            entry["Layers"]!.AsArray().Add("added.tar");
            document["rootfs"]!["diff_ids"]!.AsArray().Add(Digest.Of(layer).ToString());
            document["history"]?.AsArray().Add(new JsonObject { ["created_by"] = "test" });
        }
        document["config"] ??= new JsonObject();
        config(document["config"]!);
        File.WriteAllText(Path.Combine(root, "config.json"), document.ToJsonString());
        entry["Config"] = "config.json";
        entry["RepoTags"] = new JsonArray(name + ":latest");
        File.WriteAllText(Path.Combine(root, "manifest.json"), manifest.ToJsonString());
        foreach (var old in (string[])["repositories", "index.json", "oci-layout"]) File.Delete(Path.Combine(root, old));
        TarFile.CreateFromDirectory(root, changed, includeBaseDirectory: false);
        Engines.Ask(engine, "load", "--input", changed);
    }

    /// <summary>A layer with one file.</summary>
    public static byte[] Layer(string path, string content)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content)) });
        return bytes.ToArray();
    }
}
