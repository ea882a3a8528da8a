using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Yunpipe.Aws.Tests.Cli;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Deployments;
using Yunpipe.Images;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Deploying;

/// <summary>The published <c>yunpipe</c>, a small AWS with a registry, and a workflow of two steps whose image lies in a layout folder.</summary>
internal sealed partial class DeployBench : IAsyncDisposable
{
    public const string Name = "sharpen";

    private DeployBench()
    {
        Cli.Aws.Stacks.Registry = $"http://{Registry.Host}";
    }

    public CloudCli Cli { get; } = new();
    public TestRegistry Registry { get; } = new();
    public SmallAws Aws => Cli.Aws;

    public static async Task<DeployBench> Open()
    {
        var bench = new DeployBench();
        await bench.MakeImage();
        bench.Write("copy.yaml", $"{{name: copy, image: \"oci:{bench.Cli.Folder}/image:1\", command: [/bin/copy, '${{level}}', '${{image}}', '${{out}}/${{stem}}.copy'], inputs: [image], outputs: {{out: '${{stem}}.copy'}}, variables: {{level: {{type: integer, default: 1}}}}, resources: {{memory: 700 MiB}}}}");
        bench.Write("workflow.yaml", $"name: {Name}\ninput: {{include: [\"*.tif\"]}}\nsteps: [{{name: first, algorithm: ./copy.yaml}}, {{name: second, algorithm: ./copy.yaml}}]\n");
        return bench;
    }

    public void Write(string path, string text) => File.WriteAllText(Path.Combine(Cli.Folder, path), text);

    public Task<(int Exit, string Out, string Error)> Deploy(params string[] more) => Cli.Do(["deploy", "workflow.yaml", "--yes", "--owner", "lab", .. more]);

    public async Task Deployed(params string[] more)
    {
        var (exit, output, error) = await Deploy(more);
        exit.ShouldBe(0, output + error);
    }

    public Deployment Document()
    {
        var stack = Aws.Stacks.Find("yunpipe-" + Name)!;
        return JsonSerializer.Deserialize(Cli.Object(stack.Resources["WorkBucket"], Deployment.ObjectName)!, DeploymentJson.Default.Deployment)!;
    }

    /// <summary>What a user sees, without what differs from time to time.</summary>
    public string Plain(string text) => Size().Replace(Digits().Replace(text.Replace(Cli.Folder, "FOLDER", StringComparison.Ordinal).Replace(Registry.Host, "REGISTRY", StringComparison.Ordinal), "-N"), "N");

    public async ValueTask DisposeAsync()
    {
        await Cli.DisposeAsync();
        await Registry.DisposeAsync();
    }

    private async Task MakeImage()
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "bin/copy") { Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute, DataStream = new MemoryStream("#!/bin/sh\n"u8.ToArray()) });
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(tar.ToArray());
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = "amd64", ["os"] = "linux", ["config"] = new JsonObject(), ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest.Of(tar.ToArray()).ToString()) },
        }.ToJsonString());
        await using var place = await ImagePlaces.Open($"oci:{Cli.Folder}/image:1", PlaceUse.Write, new ImagePlaceSettings { Environment = new Dictionary<string, string>() }, default);
        var (layerBlob, configBlob) = (BlobDescriptor.Of(MediaTypes.LayerGzip, packed.ToArray()), BlobDescriptor.Of(MediaTypes.Config, config));
        await place.Place.WriteBlob(layerBlob, packed.ToArray(), default);
        await place.Place.WriteBlob(configBlob, config, default);
        await place.Place.WriteManifest(ImageManifest.Of(configBlob, [layerBlob]).Document, "1", default);
        await place.Place.Finish(default);
    }

    /// <summary>Of the images, most of which is the agent of today.</summary>
    [GeneratedRegex("[0-9.]+ MiB(?= of images)")]
    private static partial Regex Size();

    [GeneratedRegex("(?<=bucket)-[0-9]+")]
    private static partial Regex Digits();
}
