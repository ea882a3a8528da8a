using System.Text.Json.Nodes;
using Yunpipe.EndToEnd.Containers;
using Yunpipe.Images;
using Yunpipe.Local.Images;
using Yunpipe.Local.Launchers;

namespace Yunpipe.EndToEnd.Wrapping;

/// <summary>An image travels between everything that can hold one: real registries, real engines, folders and archives.</summary>
public sealed class ImageCopyTests : IDisposable
{
    private const string Source = "yunpipe-test";

    private readonly ScratchFolder _scratch = new();
    private readonly string _id = Guid.NewGuid().ToString("N")[..8];
    private readonly ContainerEngine _docker = Engines.Find("docker"), _podman = Engines.Find("podman");
    private readonly PrivateRegistry _secure = new(tls: true), _plain = new();

    private string Name => $"yunpipe-copy-{_id}";

    public void Dispose()
    {
        _secure.Dispose();
        _plain.Dispose();
        foreach (var engine in new[] { _docker, _podman })
            foreach (var name in Engines.Ask(engine, "images", "--format", "{{.Repository}}:{{.Tag}}").Split('\n').Where(name => name.Contains(_id, StringComparison.Ordinal)))
                Engines.Ask(engine, "rmi", "--force", name);
        _scratch.Dispose();
    }

    private ImagePlaceSettings Settings => new()
    {
        Environment = new Dictionary<string, string> { ["REGISTRY_AUTH_FILE"] = Logins() }, CaFile = _secure.CaFile, Engine = new EngineImages(Engines.Variables).Open,
    };

    /// <summary>Both logins in one file.</summary>
    private string Logins()
    {
        var all = new JsonObject();
        foreach (var registry in new[] { _secure, _plain })
            foreach (var (host, login) in JsonNode.Parse(File.ReadAllText(registry.Environment["REGISTRY_AUTH_FILE"]))!["auths"]!.AsObject()) all[host] = login!.DeepClone();
        var path = Path.Combine(_scratch.Root, "auth.json");
        File.WriteAllText(path, new JsonObject { ["auths"] = all }.ToJsonString());
        return path;
    }

    private Dictionary<string, string> Places(string round) => new()
    {
        ["registry with TLS and login"] = $"{_secure.Host}/lab/{round}:1",
        ["plain registry"] = $"docker://{_plain.Host}/lab/{round}:1",
        ["layout"] = $"oci:{_scratch.Root}/{round}:1",
        ["oci archive"] = $"oci-archive:{_scratch.Root}/{round}-oci.tar:1",
        ["docker archive"] = $"docker-archive:{_scratch.Root}/{round}-docker.tar:lab/{round}:1",
        ["docker"] = $"docker-daemon:{Name}-{round}:1",
        ["podman"] = $"podman:{Name}-{round}:1",
    };

    private async Task<CopyOutcome> Copy(string from, string to, ImagePlaceSettings? settings = null)
    {
        await using var source = await ImagePlaces.Open(from, PlaceUse.Read, settings ?? Settings, CancellationToken.None);
        await using var target = await ImagePlaces.Open(to, PlaceUse.Write, settings ?? Settings, CancellationToken.None);
        return await ImageCopy.Run(source.Place, source.Tag, target.Place, target.Tag, [], null, CancellationToken.None);
    }

    private async Task<ImageManifest> Read(string place)
    {
        await using var opened = await ImagePlaces.Open(place, PlaceUse.Read, Settings, CancellationToken.None);
        return ImageManifest.Read(await opened.Place.ReadManifest(opened.Tag, CancellationToken.None), place);
    }

    private static string IdOf(ContainerEngine engine, string name) =>
        Engines.Ask(engine, "image", "inspect", "--format", "{{.Id}}", name) is var id && id.StartsWith("sha256:", StringComparison.Ordinal) ? id : "sha256:" + id;

    [Fact]
    public async Task An_image_goes_from_everywhere_to_everywhere()
    {
        var id = IdOf(_docker, Source);
        // The packed image as a registry has it is what must stay the same from there on.
        await Copy($"docker-daemon:{Source}", Places("first")["plain registry"]);
        var packed = await Read(Places("first")["plain registry"]);
        packed.Config.Digest.ToString().ShouldBe(id);
        foreach (var (_, place) in Places("first").Where(place => place.Key != "plain registry")) await Copy(Places("first")["plain registry"], place);

        foreach (var (fromKind, from) in Places("first"))
            foreach (var (toKind, to) in Places("second"))
            {
                await Copy(from, to);
                var arrived = await Read(to);
                var road = $"{fromKind} → {toKind}";
                arrived.Config.Digest.ToString().ShouldBe(id, road);
                if (fromKind is not ("docker" or "podman") && toKind is not ("docker" or "podman")) arrived.Document.Bytes.ToArray().ShouldBe(packed.Document.Bytes.ToArray(), road);
                if (toKind is "docker" or "podman")
                {
                    var engine = toKind == "docker" ? _docker : _podman;
                    IdOf(engine, $"{Name}-second:1").ShouldBe(id, road);
                    Engines.Ask(engine, "run", "--rm", "--network", "none", $"{Name}-second:1", "/bin/echo", "it runs").ShouldBe("it runs", road);
                    Engines.Ask(engine, "rmi", "--force", $"{Name}-second:1");
                }
            }
    }

    [Fact]
    public async Task What_engines_push_is_read_and_what_is_written_engines_pull()
    {
        var id = IdOf(_docker, Source);
        var pushed = $"{_plain.Host}/engines/{_id}:1";
        Engines.Ask(_docker, "tag", Source, pushed);
        _plain.Ask("docker", "push", pushed);
        Engines.Ask(_docker, "rmi", pushed);
        (await Read(pushed)).Config.Digest.ToString().ShouldBe(id);
        (await Read(pushed)).Document.MediaType.ShouldBe(MediaTypes.DockerManifest);

        var ours = $"{_plain.Host}/ours/{_id}:1";
        await Copy($"docker-daemon:{Source}", ours);
        _plain.Ask("docker", "pull", ours);
        IdOf(_docker, ours).ShouldBe(id);
        _plain.Ask("podman", "pull", ours);
        IdOf(_podman, ours).ShouldBe(id);
    }

    [Fact]
    public async Task Within_a_registry_nothing_moves()
    {
        await Copy($"docker-daemon:{Source}", $"{_secure.Host}/lab/a:1");
        var mounted = await Copy($"{_secure.Host}/lab/a:1", $"{_secure.Host}/lab/b:1");
        mounted.Moved.ShouldBe(0);
        mounted.Mounted.ShouldBeGreaterThan(1);
        (await Copy($"{_secure.Host}/lab/a:1", $"{_secure.Host}/lab/b:2")).Skipped.ShouldBe(mounted.Mounted);
        (await Read($"{_secure.Host}/lab/b@{mounted.Image.Digest}")).Document.Digest.ShouldBe(mounted.Image.Digest);
    }

    [Fact]
    public async Task Logins_and_certificates_that_are_missing_are_said()
    {
        var place = $"{_secure.Host}/lab/none:1";
        var nobody = Settings with { Environment = new Dictionary<string, string>() };
        (await Problem(place, nobody)).ShouldBe(ImageCodes.NeedsLogin);
        (await Problem(place, Settings with { CaFile = null })).ShouldBe(ImageCodes.NotTrusted);
        (await Problem(place, Settings)).ShouldBe(ImageCodes.NoImage);
        (await Problem($"docker-daemon:{Name}-none:1", Settings)).ShouldBe(ImageCodes.NotInEngine);
        (await Problem($"podman:{Name}-none:1", Settings)).ShouldBe(ImageCodes.NotInEngine);
        (await Problem($"localhost/{Name}-none:1", Settings)).ShouldBe(ImageCodes.NoImage);
    }

    [Fact]
    public async Task A_bare_name_is_found_in_the_engine_that_has_it()
    {
        Engines.Ask(_podman, "tag", Source, $"localhost/{Name}");
        await Copy(Name, $"oci:{_scratch.Root}/bare:1");
        (await Read($"oci:{_scratch.Root}/bare:1")).Config.Digest.ToString().ShouldBe(IdOf(_podman, Name));
    }

    [Fact]
    public async Task An_image_that_an_engine_cannot_load_is_said_and_nothing_stays()
    {
        foreach (var engine in new[] { "docker-daemon", "podman" })
        {
            await using var target = await ImagePlaces.Open($"{engine}:{Name}-broken:1", PlaceUse.Write, Settings, CancellationToken.None);
            byte[] config = "{}"u8.ToArray(), layer = "no tar"u8.ToArray();
            var (configBlob, layerBlob) = (BlobDescriptor.Of(MediaTypes.Config, config), BlobDescriptor.Of(MediaTypes.Layer, layer));
            await target.Place.WriteBlob(configBlob, config, CancellationToken.None);
            await target.Place.WriteBlob(layerBlob, layer, CancellationToken.None);
            await target.Place.WriteManifest(ImageManifest.Of(configBlob, [layerBlob]).Document, null, CancellationToken.None);
            (await Should.ThrowAsync<ImageException>(target.Place.Finish(CancellationToken.None))).Problem.Code.ShouldBe(ImageCodes.EngineFailed);
            (await Problem($"{engine}:{Name}-broken:1", Settings)).ShouldBe(ImageCodes.NotInEngine);
        }
    }

    [Fact]
    public async Task A_copy_into_an_engine_that_is_given_up_leaves_nothing()
    {
        await Copy($"docker-daemon:{Source}", $"oci:{_scratch.Root}/a:1");
        var (from, manifest) = ($"oci:{_scratch.Root}/a:1", await Read($"oci:{_scratch.Root}/a:1"));
        var layer = Path.Combine(_scratch.Root, "a/blobs/sha256", manifest.Layers[0].Digest.Hex);
        File.WriteAllBytes(layer, File.ReadAllBytes(layer)[..^100]);
        foreach (var engine in new[] { "docker-daemon", "podman" })
        {
            (await Should.ThrowAsync<ImageException>(Copy(from, $"{engine}:{Name}-cut:1"))).Problem.Code.ShouldBe(ImageCodes.WrongSize);
            (await Problem($"{engine}:{Name}-cut:1", Settings)).ShouldBe(ImageCodes.NotInEngine);
        }
    }

    [Fact]
    public async Task The_configuration_says_the_same_in_every_engine()
    {
        await Copy($"docker-daemon:{Source}", $"podman:{Name}-same:1");
        await using var place = await ImagePlaces.Open($"podman:{Name}-same:1", PlaceUse.Read, Settings, CancellationToken.None);
        var config = await place.Place.ReadDocument((await Read($"podman:{Name}-same:1")).Config, CancellationToken.None);
        JsonNode.Parse(config.Bytes.Span)!["rootfs"]!["diff_ids"]!.AsArray().Count.ShouldBeGreaterThan(0);
    }

    private static async Task<string> Problem(string place, ImagePlaceSettings settings)
    {
        var error = await Should.ThrowAsync<ImageException>(async () =>
        {
            await using var opened = await ImagePlaces.Open(place, PlaceUse.Read, settings, CancellationToken.None);
            await opened.Place.ReadManifest(opened.Tag, CancellationToken.None);
        });
        return error.Problem.Code;
    }
}
