using System.Text.Json;
using Yunpipe.EndToEnd.Cli;
using Yunpipe.EndToEnd.Containers;

namespace Yunpipe.EndToEnd.Wrapping;

/// <summary>What registries and engines do differently from one another: zstd, and speech without encryption.</summary>
public sealed class WrapEngineTests
{
    private const string Descriptor = """
        name: louder
        command: [/bin/sh, -c, 'tr a-z A-Z < "$$1" > "$$2"', sh, '${image}', '${out}/${stem}.loud']
        inputs: {image: {accepts: "*.txt"}}
        outputs: {loud: "${stem}.loud"}

        """;

    [Fact]
    public async Task An_image_with_layers_of_zstd_is_wrapped_copied_and_run()
    {
        Engines.Find("podman");
        using var registry = new PrivateRegistry();
        using var bench = new CommandBench().Put("louder.yaml", Descriptor).Put("a.txt", "image a\n");
        using var images = new OwnImages("podman");
        var name = $"{registry.Host}/lab/zstd";
        registry.Ask("podman", "tag", "yunpipe-test:latest", images.Own($"{name}:1"));
        registry.Ask("podman", "push", "--quiet", "--format", "oci", "--compression-format", "zstd", $"{name}:1");
        var (before, packed) = registry.Manifest("lab/zstd", "1");
        packed.GetProperty("layers")[0].GetProperty("mediaType").GetString().ShouldBe(Yunpipe.Images.MediaTypes.LayerZstd);

        var wrapped = await bench.Yunpipe(registry.Environment, "wrap", "louder.yaml", "--image", $"docker://{name}:1", "--check", "deep");
        wrapped.Exit.ShouldBe(0, wrapped.ToString());
        wrapped.Out.ShouldContain("A layer is packed with zstd, which is not looked into");
        var layers = registry.Manifest("lab/zstd", "1-yunpipe").Manifest.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("mediaType").GetString()).ToList();
        layers.ShouldBe([Yunpipe.Images.MediaTypes.LayerZstd, Yunpipe.Images.MediaTypes.LayerGzip]);

        // Out of the registry into a folder and from there into the engine, and straight from the registry.
        (await bench.Yunpipe(registry.Environment, "wrap", $"docker://{name}:1-yunpipe", "--to", "oci:layout:1")).Exit.ShouldBe(0);
        (await bench.Yunpipe("wrap", "oci:layout:1", "--to", $"podman:{images.Own($"localhost/yunpipe-zstd-{Guid.NewGuid():N}:1")}")).Exit.ShouldBe(0);
        images.Own($"{name}:1-yunpipe");
        registry.Ask("podman", "pull", "--quiet", $"{name}:1-yunpipe");
        Engines.Ask(Engines.Find("podman"), "run", "--rm", "--network", "none", "--volume", $"{bench.Root}:/data", "--workdir", "/data", $"{name}:1-yunpipe", "a.txt", "out/");
        bench.Text("out/a.loud").ShouldBe("IMAGE A\n");
        (await bench.Yunpipe(registry.Environment, "unwrap", $"docker://{name}:1-yunpipe", "--to", $"docker://{name}:back")).Exit.ShouldBe(0);
        registry.Manifest("lab/zstd", "back").Digest.ShouldBe(before);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task An_algorithm_runs_out_of_a_registry_of_this_machine_that_knows_no_encryption(string engine)
    {
        Engines.Find(engine);
        using var registry = new PrivateRegistry();
        using var bench = new CommandBench().Put("louder.yaml", Descriptor).Put("a.txt", "image a\n");
        using var images = new OwnImages(engine);
        var name = $"{registry.Host}/lab/louder";
        // Logins only: nobody told podman that this registry is insecure.
        var logins = registry.Environment.Where(variable => variable.Key != "CONTAINERS_REGISTRIES_CONF").ToDictionary();
        var wrapped = await bench.Yunpipe(logins, "wrap", "louder.yaml", "--image", $"{(engine == "docker" ? "docker-daemon" : "podman")}:yunpipe-test:latest", "--to", $"docker://{name}:1", "--json");
        wrapped.Exit.ShouldBe(0, wrapped.ToString());
        images.Own($"{name}@{JsonDocument.Parse(wrapped.Out).RootElement.GetProperty("digest").GetString()}");
        var once = await bench.Yunpipe(logins, "algorithm", "run", $"{name}:1", "a.txt", "-o", "results", "--launcher", engine);
        once.Exit.ShouldBe(0, once.ToString());
        bench.Text("results/a.loud").ShouldBe("IMAGE A\n");
    }
}
