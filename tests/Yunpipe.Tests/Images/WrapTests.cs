using System.Text;
using System.Text.RegularExpressions;
using Yunpipe.Algorithms;
using Yunpipe.Images;
using Yunpipe.Images.Wrapping;
using static Yunpipe.Tests.WrapBench;

namespace Yunpipe.Tests;

/// <summary>What wrapping writes, and that it can be taken back.</summary>
public sealed class WrapTests
{
    [Theory]
    [InlineData(false, "oci")]
    [InlineData(true, "docker")]
    public async Task A_wrapped_image_is_the_base_with_one_layer_and_an_edited_configuration(bool docker, string golden)
    {
        var place = new MemoryPlace();
        new TestImage { Docker = docker }.PutInto(place, "1");
        await Wrap(place, "1", place, "1-yunpipe");
        var manifest = await place.ReadManifest("1-yunpipe", CancellationToken.None);
        var config = await Config(place, "1-yunpipe");
        Golden.Check($"images/wrapped-{golden}.txt", Plain($"{Pretty(manifest.Bytes)}\n\n{Pretty(config.Bytes)}\n"));
        config.Identity.ToString().ShouldBe((await Config(place, "1")).Identity.ToString());
        WrappedImage.Read(config.Environment.Single(variable => variable.StartsWith("YUNPIPE_IMAGE="))[14..]).OrThrow().Command.ShouldBe(["/bin/sh"]);
    }

    [Fact]
    public async Task Within_one_place_nothing_of_the_base_moves()
    {
        var place = new MemoryPlace();
        new TestImage().PutInto(place, "1");
        var (plan, outcome) = await Wrap(place, "1", place, "1-yunpipe");
        var part = plan.Parts.ShouldHaveSingleItem();
        place.Written.ShouldBe(Layer().Bytes.Length + part.Wrapped.Config.Bytes.Length);
        outcome.Moved.ShouldBe(place.Written + plan.Image.Bytes.Length);
        outcome.Skipped.ShouldBe(2);
        // The second image of the place finds the layer there.
        new TestImage { Run = """{"Cmd":["other"]}""" }.PutInto(place, "2");
        (await Wrap(place, "2", place, "2-yunpipe")).Outcome.Moved.ShouldBeLessThan(outcome.Moved - Layer().Bytes.Length + 100);
    }

    [Fact]
    public async Task Wrapping_twice_gives_the_same_digest_from_the_base_and_from_the_wrapped_image()
    {
        var place = new MemoryPlace();
        new TestImage().PutInto(place, "1");
        var first = (await Wrap(place, "1", place, "a")).Outcome.Image.Digest;
        (await Wrap(place, "1", new MemoryPlace(), "b")).Outcome.Image.Digest.ShouldBe(first);
        (await Wrap(place, "a", place, "c", Order(name: "lab/blur:a"))).Outcome.Image.Digest.ShouldBe(first);
    }

    [Fact]
    public async Task A_new_agent_takes_the_place_of_the_old_one()
    {
        var place = new MemoryPlace();
        new TestImage().PutInto(place, "1");
        await Wrap(place, "1", place, "a");
        var newer = Order(Layer("agent 2"));
        var again = await Wrap(place, "a", place, "b", newer);
        again.Plan.Parts[0].Wrapped.Manifest.Layers.Select(layer => layer.Digest).ShouldBe([.. ImageManifest.Read(await place.ReadManifest("1", default), "1").Layers.Select(layer => layer.Digest), newer.Layer.Digest]);
        again.Outcome.Image.Digest.ShouldBe((await Wrap(place, "1", place, "c", newer)).Outcome.Image.Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unwrapping_gives_back_the_original_byte_for_byte(bool docker)
    {
        var place = new MemoryPlace();
        var original = new TestImage { Docker = docker }.PutInto(place, "1");
        await Wrap(place, "1", place, "w");
        var elsewhere = new MemoryPlace();
        await ImageCopy.Run(place, "w", elsewhere, "w", [], null, CancellationToken.None);
        var outcome = await Unwrapper.Unwrap(elsewhere, "w", elsewhere, "back", null, CancellationToken.None);
        outcome.IsOriginal.ShouldBeTrue();
        (await elsewhere.ReadManifest("back", default)).Bytes.ToArray().ShouldBe(original.Bytes.ToArray());
        (await Config(elsewhere, "back")).Bytes.ToArray().ShouldBe((await Config(place, "1")).Bytes.ToArray());
    }

    [Fact]
    public async Task Where_an_engine_made_a_new_manifest_the_configuration_comes_back_and_with_the_old_layers_at_hand_all_of_it()
    {
        var registry = new MemoryPlace();
        var original = new TestImage().PutInto(registry, "1");
        await Wrap(registry, "1", registry, "w");
        var engine = await Engine(registry, "w");
        var outcome = await Unwrapper.Unwrap(engine, "w", engine, "back", null, CancellationToken.None);
        (outcome.IsOriginal, outcome.ImageId).ShouldBe((false, ImageManifest.Read(original, "1").Config.Digest));
        var back = await Unwrapper.Unwrap(engine, "w", registry, "back", null, CancellationToken.None);
        (back.IsOriginal, back.Image.Digest).ShouldBe((true, original.Digest));
    }

    [Fact]
    public async Task What_an_engine_holds_is_wrapped_to_the_same_image_id_each_time()
    {
        var registry = new MemoryPlace();
        new TestImage().PutInto(registry, "1");
        var engine = await Engine(registry, "1");
        var id = (await Wrap(engine, "1", engine, "a")).Plan.Parts[0].Wrapped.Manifest.Config.Digest;
        (await Wrap(engine, "a", engine, "b")).Plan.Parts[0].Wrapped.Manifest.Config.Digest.ShouldBe(id);
        (await Config(engine, "a")).Labels.Keys.ShouldNotContain(WrapLabels.BaseManifest);
    }

    [Fact]
    public async Task What_was_built_on_a_wrapped_image_can_be_wrapped_and_not_unwrapped()
    {
        var place = new MemoryPlace();
        new TestImage().PutInto(place, "1");
        await Wrap(place, "1", place, "w");
        var wrapped = await Config(place, "w");
        var child = new TestImage { Run = Run(wrapped, """["child"]"""), Layers = [.. new TestImage().Layers, [new TestFile("not", "the agent")], [new TestFile("more", "")]] };
        child.PutInto(place, "child");
        // The test's third layer is not the agent's; its label is made to say so.
        var config = await Config(place, "child");
        new TestImage { Run = Run(wrapped, """["child"]""").Replace(Layer().DiffId.ToString(), config.DiffIds[2], StringComparison.Ordinal), Layers = child.Layers }.PutInto(place, "child");
        var (plan, _) = await Wrap(place, "child", place, "child-w");
        var part = plan.Parts[0];
        part.Wrapped.Config.DiffIds.ShouldBe([config.DiffIds[0], config.DiffIds[1], config.DiffIds[3], Layer().DiffId.ToString()]);
        part.Base.Config.Command.ShouldBe(["child"]);
        part.Base.Config.Labels.Keys.ShouldAllBe(name => !name.StartsWith("io.yunpipe."));
        part.Base.Config.Environment.ShouldBe(["PATH=/usr/local/bin:/usr/bin:/bin"]);
        (await Should.ThrowAsync<ImageException>(() => Unwrapper.Unwrap(place, "child", place, null, null, default))).Problem.Code.ShouldBe("YP2159");

        static string Run(ImageConfig config, string command) =>
            $$$"""{"Env":{{{List(config.Environment)}}},"Entrypoint":["/opt/yunpipe/agent"],"Cmd":{{{command}}},"Labels":{ {{{string.Join(',', config.Labels.Select(label => $"{Text(label.Key)}:{Text(label.Value)}"))}}} } }""";
        static string List(IEnumerable<string> words) => $"[{string.Join(',', words.Select(Text))}]";
        static string Text(string text) => System.Text.Json.JsonSerializer.Serialize(text);
    }

    [Fact]
    public async Task An_image_that_was_not_wrapped_is_not_unwrapped()
    {
        var place = new MemoryPlace();
        new TestImage().PutInto(place, "1");
        (await Should.ThrowAsync<ImageException>(() => Unwrapper.Unwrap(place, "1", place, null, null, default))).Message
            .ShouldBe("YP2158: memory is not a wrapped image: it has no label io.yunpipe.agent.layer. Name an image that “yunpipe wrap” made.");
    }

    [Theory]
    [InlineData("windows", "amd64", "YP2154: memory is made for windows/amd64; algorithms run in Linux containers. Ask its author for a Linux build.")]
    [InlineData("linux", "arm64", "YP2155: No agent is built for linux/arm64, only for linux/amd64. Wrap a build of the image for one of these.")]
    public async Task An_image_for_another_machine_is_refused(string os, string architecture, string problem)
    {
        var place = new MemoryPlace();
        new TestImage { Os = os, Architecture = architecture }.PutInto(place, "1");
        await using var wrapper = new Wrapper(place, place);
        (await wrapper.Plan("1", Order(), default)).Problems.ShouldHaveSingleItem().ToString().ShouldBe(problem);
    }

    [Fact]
    public async Task A_descriptor_or_a_configuration_that_no_label_holds_is_refused()
    {
        var place = new MemoryPlace();
        new TestImage().PutInto(place, "1");
        var noise = new Random(1);
        string Noise(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)noise.Next('a', 'z')));
        new TestImage { Run = $$$"""{"Labels":{"noise":"{{{Noise(600_000)}}}"} }""" }.PutInto(place, "2");
        await using var wrapper = new Wrapper(place, place);
        (await wrapper.Plan("1", Order() with { Algorithm = Blur with { Description = new string('x', 300_000) } }, default)).Problems.ShouldHaveSingleItem().Message
            .ShouldStartWith("The descriptor of “blur” is too large for a label: 293.");
        (await wrapper.Plan("2", Order(), default)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("The image's own configuration is too large to be kept in the label io.yunpipe.base.config: ");
        (await wrapper.Plan("1", Order() with { Algorithm = Blur with { Description = Noise(200_000) } }, default)).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP2150");
    }

    [Fact]
    public void What_only_this_machine_has_does_not_travel()
    {
        var algorithm = AlgorithmReader.Read("""
            name: register
            image: lab/register
            command: [register, "${atlas}", "${image}", "${out}/a.nii"]
            inputs: [image]
            outputs: a.nii
            variables: {atlas: {type: file, default: ./atlas.nii, help: The template}}
            """, "register.yaml", "/here").OrThrow();
        var travelling = TravellingAlgorithm.Of(algorithm).OrThrow();
        travelling.Algorithm.Image.ShouldBeNull();
        travelling.Algorithm.Variables.ShouldHaveSingleItem().ShouldSatisfyAllConditions(variable => variable.Default.ShouldBeNull(), variable => variable.Required.ShouldBeTrue());
        travelling.Notes.ShouldBe(["The default of “atlas”, “./atlas.nii”, is a path of this machine and does not travel: whoever uses the image says it."]);
        TravellingAlgorithm.Of(algorithm with { Files = ["a.py"] }).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP2156");
    }

    /// <summary>The image as an engine gives it: layers unpacked, and a manifest that is made on the way.</summary>
    private static async Task<MemoryPlace> Engine(MemoryPlace registry, string tag)
    {
        var engine = new MemoryPlace { IsEngine = true, HoldsOne = true };
        var manifest = ImageManifest.Read(await registry.ReadManifest(tag, default), "test");
        var layers = new List<BlobDescriptor>();
        foreach (var layer in manifest.Layers)
        {
            await using var gzip = new System.IO.Compression.GZipStream(await registry.OpenBlob(layer, default), System.IO.Compression.CompressionMode.Decompress);
            using var tar = new MemoryStream();
            await gzip.CopyToAsync(tar);
            layers.Add(engine.Put(MediaTypes.DockerLayer, tar.ToArray()));
        }
        engine.Put(MediaTypes.DockerConfig, (await registry.ReadDocument(manifest.Config, default)).Bytes.ToArray());
        engine.Put(ImageManifest.Of(manifest.Config with { MediaType = MediaTypes.DockerConfig }, layers).Document, tag);
        return engine;
    }

    /// <summary>Digests, sizes and packed texts depend on the library that packs: they are given names, the same name for the same digest.</summary>
    private static string Plain(string text)
    {
        var names = new Dictionary<string, string>();
        text = Regex.Replace(text, "sha256:[0-9a-f]{64}", match => names.TryGetValue(match.Value, out var name) ? name : names[match.Value] = $"<digest {names.Count + 1}>");
        text = Regex.Replace(text, "\"size\": [0-9]+", "\"size\": <bytes>");
        return Regex.Replace(text, "H4sI[A-Za-z0-9+/=]+", "<packed>");
    }

    private static string Pretty(ReadOnlyMemory<byte> json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        using var bytes = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(bytes, new System.Text.Json.JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            document.RootElement.WriteTo(writer);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
