using System.Text.Json;
using Yunpipe.EndToEnd.Cli;
using Yunpipe.EndToEnd.Containers;
using Yunpipe.Images;

namespace Yunpipe.EndToEnd.Wrapping;

/// <summary>From an image in a registry to a workflow that names it: with the published command, a real registry and both engines.</summary>
public sealed class WrapStoryTests
{
    private const string Descriptor = """
        name: louder
        version: "1.1"
        description: Makes letters large, as often as it is told.
        command: [/bin/sh, -c, 'for i in $$(seq $$2); do tr a-z A-Z < "$$1"; done > "$$3"', sh, '${image}', '${times}', '${out}/${stem}.loud']
        inputs: {image: {accepts: "*.txt"}}
        outputs: {loud: "${stem}.loud"}
        variables: {times: {type: integer, default: 1, minimum: 1, maximum: 9, help: How often}}

        """;

    [Theory]
    [InlineData("docker", "podman")]
    [InlineData("podman", "docker")]
    public async Task Wrapped_in_the_registry_it_runs_by_its_name_on_the_other_engine_and_unwraps_to_the_digest_that_it_had(string builder, string runner)
    {
        Engines.Find(builder);
        Engines.Find(runner);
        using var registry = new PrivateRegistry();
        using var bench = new CommandBench().Put("louder.yaml", Descriptor).Put("in/a.txt", "image a\n").Put("in/b c.txt", "image b\n");
        var name = $"{registry.Host}/lab/louder";
        using var images = new OwnImages(builder, runner);
        registry.Ask(builder, "tag", "yunpipe-test:latest", images.Own($"{name}:1"));
        registry.Ask(builder, "push", "--quiet", $"{name}:1");
        var (before, _) = registry.Manifest("lab/louder", "1");

        var wrapped = await bench.Yunpipe(registry.Environment, "wrap", "louder.yaml", "--image", $"{name}:1", "--check", "deep", "--json");
        wrapped.Exit.ShouldBe(0, wrapped.ToString());
        var told = JsonDocument.Parse(wrapped.Out).RootElement;
        var (digest, manifest) = registry.Manifest("lab/louder", "1-yunpipe");
        (told.GetProperty("image").GetString(), told.GetProperty("digest").GetString(), told.GetProperty("baseDigest").GetString()).ShouldBe(($"{name}:1-yunpipe", digest, before));
        manifest.GetProperty("layers").GetArrayLength().ShouldBe(2);
        told.GetProperty("findings").EnumerateArray().ShouldAllBe(finding => finding.GetProperty("kind").GetString() == "good");
        told.GetProperty("layerBytes").GetInt64().ShouldBeLessThan(9 << 20);
        told.GetProperty("movedBytes").GetInt64().ShouldBeLessThan(12 << 20);
        (await bench.Yunpipe(registry.Environment, "wrap", "louder.yaml", "--image", $"{name}:1", "--json")).Out.ShouldContain(digest);
        (await bench.Yunpipe(registry.Environment, "wrap", $"{name}:1-yunpipe", "--to", $"{name}:again", "--json")).Out.ShouldContain(digest);

        var listed = await bench.Yunpipe(registry.Environment, "algorithm", "list", name);
        listed.Out.Split('\n').Skip(1).Select(line => line.Split(' ')[0]).Where(tag => tag.Length > 0).ShouldBe([$"{name}:1-yunpipe", $"{name}:again"]);

        images.Own($"{name}@{digest}");
        bench.Put("workflow.yaml", $"input: ./in\nsteps:\n  - {{name: louder, algorithm: \"{name}:1-yunpipe\", variables: {{times: 2}}}}\noutput: ./out\n");
        var run = await bench.Yunpipe(registry.Environment, "run", "workflow.yaml", "--launcher", runner);
        run.Exit.ShouldBe(0, run.ToString());
        bench.View().ShouldBe([new("louder/a.loud", "IMAGE A\nIMAGE A\n"), new("louder/b c.loud", "IMAGE B\nIMAGE B\n")]);

        // The same algorithm unwrapped is the same work: nothing runs again.
        bench.Put("plain.yaml", $"input: ./in\nsteps:\n  - {{name: louder, algorithm: ./louder.yaml, image: \"{name}:1\", variables: {{times: 2}}}}\noutput: ./out\n");
        images.Own($"{name}:1", runner);
        var again = await bench.Yunpipe(registry.Environment, "run", "plain.yaml", "--launcher", runner);
        again.Out.ShouldContain("all was done before", Case.Sensitive, again.ToString());

        var unwrapped = await bench.Yunpipe(registry.Environment, "unwrap", $"{name}:1-yunpipe", "--to", $"{name}:back");
        unwrapped.Exit.ShouldBe(0, unwrapped.ToString());
        registry.Manifest("lab/louder", "back").Digest.ShouldBe(before);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task In_an_engine_alone_it_is_wrapped_run_once_listed_and_given_back(string engine)
    {
        var asked = Engines.Find(engine);
        using var bench = new CommandBench().Put("louder.yaml", Descriptor + "tests: [{name: once, inputs: {image: a.txt}, outputs: {loud: present}}]\n").Put("a.txt", "image a\n");
        var name = $"localhost/yunpipe-wrap-test-{Guid.NewGuid():N}"[..44];
        using var images = new OwnImages(engine);
        Engines.Ask(asked, "tag", "yunpipe-test:latest", images.Own($"{name}:1"));
        var before = Engines.Ask(asked, "image", "inspect", "--format", "{{.Id}}", $"{name}:1");

        var wrapped = await bench.Yunpipe("wrap", "louder.yaml", "--image", $"{name}:1", "--from", engine);
        wrapped.Exit.ShouldBe(0, wrapped.ToString());
        images.Own($"{name}:1-yunpipe");
        wrapped.Out.ShouldContain($"yunpipe algorithm run {(engine == "docker" ? "docker-daemon" : "podman")}:{name}:1-yunpipe IMAGE.txt -o OUT");

        var place = $"{(engine == "docker" ? "docker-daemon" : "podman")}:{name}:1-yunpipe";
        var once = await bench.Yunpipe("algorithm", "run", place, "a.txt", "-o", "results", "--times", "3", "--launcher", engine);
        once.Exit.ShouldBe(0, once.ToString());
        once.Out.ShouldBe("results/a.loud\n");
        bench.Text("results/a.loud").ShouldBe("IMAGE A\nIMAGE A\nIMAGE A\n");
        (await bench.Yunpipe("algorithm", "run", place, "a.txt", "--times", "30")).Error.ShouldContain("--times: YP1043: “times” is 30, and must be at most 9.");
        (await bench.Yunpipe("algorithm", "test", place, "--launcher", engine)).Out.ShouldEndWith("louder: 1 passed, 0 failed.\n");
        (await bench.Yunpipe("algorithm", "list", "--local")).Out.ShouldContain($"{name}:1-yunpipe ({engine})");

        // And by hand, with nothing but the engine.
        Engines.Ask(asked, "run", "--rm", "--network", "none", $"{name}:1-yunpipe", "--help").ShouldContain("--times");
        Engines.Ask(asked, "run", "--rm", "--network", "none", "--volume", $"{bench.Root}:/data", "--workdir", "/data", $"{name}:1-yunpipe", "a.txt", "byhand/", "--times", "2");
        bench.Text("byhand/a.loud").ShouldBe("IMAGE A\nIMAGE A\n");

        var unwrapped = await bench.Yunpipe("unwrap", place);
        unwrapped.Exit.ShouldBe(0, unwrapped.ToString());
        Engines.Ask(asked, "image", "inspect", "--format", "{{.Id}}", images.Own($"{name}:1-yunpipe-unwrapped")).ShouldBe(before);
    }

    [Fact]
    public async Task Out_of_a_registry_with_certificates_of_its_own_it_goes_into_a_folder_and_an_archive_and_is_run_from_there()
    {
        Engines.Find("podman");
        using var registry = new PrivateRegistry(tls: true);
        using var bench = new CommandBench().Put("louder.yaml", Descriptor).Put("a.txt", "image a\n");
        using var images = new OwnImages("podman");
        var name = $"{registry.Host}/lab/louder";
        registry.Ask("podman", "tag", "yunpipe-test:latest", images.Own($"{name}:1"));
        registry.Ask("podman", "push", "--quiet", $"{name}:1");

        var refused = await bench.Yunpipe(registry.Environment, "wrap", "louder.yaml", "--image", $"docker://{name}:1", "--to", "oci:layout:louder");
        refused.Exit.ShouldBe(2);
        refused.Error.ShouldContain("YP2107");
        var wrapped = await bench.Yunpipe(registry.Environment, "wrap", "louder.yaml", "--image", $"docker://{name}:1", "--to", "oci:layout:louder", "--ca-file", registry.CaFile);
        wrapped.Exit.ShouldBe(0, wrapped.ToString());
        var shown = await bench.Yunpipe("algorithm", "show", "oci:layout:louder");
        shown.Out.ShouldContain("name: louder\n");
        var archived = await bench.Yunpipe("wrap", "oci:layout:louder", "--to", "louder.tar");
        archived.Exit.ShouldBe(0, archived.ToString());

        var once = await bench.Yunpipe("algorithm", "run", "louder.tar", "a.txt", "-o", "results", "--launcher", "podman");
        foreach (var line in Engines.Ask(Engines.Find("podman"), "images", "--format", "{{.Repository}}:{{.Tag}} {{.Id}}").Split('\n'))
            if (once.Error.Contains("loading ", StringComparison.Ordinal) && line.StartsWith("localhost/yunpipe-loaded:", StringComparison.Ordinal)) images.Own(line.Split(' ')[0]);
        once.Exit.ShouldBe(0, once.ToString());
        bench.Text("results/a.loud").ShouldBe("IMAGE A\n");
    }

    [Fact]
    public async Task What_a_workflow_names_and_is_no_wrapped_image_is_told_with_its_place()
    {
        Engines.Find("docker");
        using var registry = new PrivateRegistry();
        using var bench = new CommandBench().Put("in/a.txt", "");
        using var images = new OwnImages("docker");
        var name = $"{registry.Host}/lab/plain";
        registry.Ask("docker", "tag", "yunpipe-test:latest", images.Own($"{name}:1"));
        registry.Ask("docker", "push", "--quiet", $"{name}:1");
        bench.Put("workflow.yaml", $"input: ./in\nsteps:\n  - {{name: one, algorithm: \"{name}:1\"}}\n  - {{name: two, algorithm: \"{name}:2\"}}\noutput: ./out\n");
        var said = await bench.Yunpipe(registry.Environment, "plan", "workflow.yaml");
        said.Exit.ShouldBe(2);
        said.Error.ShouldContain($"workflow.yaml:3:28: YP2158: The image “{name}:1” carries no algorithm: it has no label io.yunpipe.algorithm. Wrap it: yunpipe wrap ALGORITHM.yaml --image {name}:1\n");
        said.Error.ShouldContain("workflow.yaml:4:28: YP2101: ");
    }
}
