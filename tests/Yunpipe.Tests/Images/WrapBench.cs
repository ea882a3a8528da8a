using Yunpipe.Algorithms;
using Yunpipe.Images;
using Yunpipe.Images.Wrapping;

namespace Yunpipe.Tests;

/// <summary>An algorithm, an agent's layer made of a few bytes, and the two steps of wrapping.</summary>
internal static class WrapBench
{
    public static Algorithm Blur { get; } = AlgorithmReader.Read("""
        name: blur
        version: "1.2"
        command: [blur, "${image}", "${sigma}", "${out}/${stem}.tif"]
        inputs: [image]
        outputs: {blurred: "${stem}.tif"}
        variables: {sigma: {type: number, default: 1.5, flag: --sigma}}
        """, "blur.yaml", "").OrThrow();

    public static AgentLayer Layer(string agent = "agent 1")
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At(AgentLayer.AgentFile), agent);
        return AgentLayer.Make(folder.Root, null).OrThrow();
    }

    public static WrapOrder Order(AgentLayer? layer = null, string? name = "lab/blur:1.2", params ImagePlatform[] platforms) => new(Blur, layer ?? Layer(), name, platforms);

    public static async Task<(WrapPlan Plan, WrapOutcome Outcome)> Wrap(ImagePlace from, string? name, ImagePlace to, string? tag, WrapOrder? order = null)
    {
        order ??= Order();
        await using var wrapper = new Wrapper(from, to);
        var plan = (await wrapper.Plan(name, order, CancellationToken.None)).OrThrow();
        return (plan, await wrapper.Write(plan, order.Layer, tag, null, CancellationToken.None));
    }

    public static async Task<ImageConfig> Config(ImagePlace place, string tag)
    {
        var manifest = ImageManifest.Read(await place.ReadManifest(tag, CancellationToken.None), "test");
        return ImageConfig.Read((await place.ReadDocument(manifest.Config, CancellationToken.None)).Bytes, "test");
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("yunpipe-tests-").FullName;

    public string At(string path) => Path.Combine(Root, path);

    public void Dispose() => Directory.Delete(Root, true);
}
