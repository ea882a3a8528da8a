using System.Text.Json.Nodes;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Containers;

public sealed class DockerImageTests() : ContainerImageTests("docker");

public sealed class PodmanImageTests() : ContainerImageTests("podman");

/// <summary>Images: found once, told apart by what computes, and missing in words.</summary>
public abstract class ContainerImageTests(string engine)
{
    [Fact]
    public async Task Tags_and_ids_of_one_image_have_one_identity()
    {
        await using var run = new ContainerRun(engine);
        var id = Engines.Ask(run.Engine, "image", "inspect", "--format", "{{.Id}}", "yunpipe-test");
        var byTag = await run.Program("yunpipe-test:latest");
        var byId = await run.Program(id.StartsWith("sha256:", StringComparison.Ordinal) ? id : "sha256:" + id);
        byId.Identity.ShouldBe(byTag.Identity);
        byTag.Image.ShouldNotBeNull().ShouldContain("sha256:");
        run.Run(byId, "/app/silent.sh").Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_wrapped_image_has_the_identity_of_the_unwrapped()
    {
        await using var run = new ContainerRun(engine);
        var plain = await run.Program();
        var layer = ImageArchive.Layer("opt/yunpipe/agent", "an agent of another release");
        await Changed(run, layer, config =>
        {
            config["Entrypoint"] = new JsonArray("/opt/yunpipe/agent");
            config["Labels"] = new JsonObject
            {
                [ImageIdentity.AgentLayerLabel] = Digest.Of(layer).ToString(), [ImageIdentity.EntrypointLabel] = "[]", [ImageIdentity.CommandLabel] = "[\"/bin/sh\"]",
            };
        }, async name =>
        {
            var wrapped = await run.Program(name);
            wrapped.Identity.ShouldBe(plain.Identity);
            run.Run(wrapped, "/app/silent.sh").Exit.ShouldBe(0);
        });
    }

    [Fact]
    public async Task A_label_changes_nothing_and_a_variable_does()
    {
        await using var run = new ContainerRun(engine);
        var plain = await run.Program();
        await Changed(run, null, config => config["Labels"] = new JsonObject { ["maintainer"] = "me" }, async name => (await run.Program(name)).Identity.ShouldBe(plain.Identity));
        await using var other = new ContainerRun(engine);
        await Changed(other, null, config => config["Env"]!.AsArray().Add("MODE=fast"), async name => (await other.Program(name)).Identity.ShouldNotBe(plain.Identity));
    }

    [Fact]
    public async Task One_image_is_the_same_in_every_engine()
    {
        await using var here = new ContainerRun(engine);
        await using var there = new ContainerRun(engine == "docker" ? "podman" : "docker");
        (await here.Program()).Identity.ShouldBe((await there.Program()).Identity);
    }

    [Theory]
    [InlineData("registry.invalid/lab/nothing:1", "YP4103")]
    [InlineData("Registry/Lab", "YP4107")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", "YP4101")]
    public async Task An_image_that_cannot_be_had_is_one_sentence(string image, string code)
    {
        await using var run = new ContainerRun(engine);
        var problem = (await run.Launcher.Resolve(ContainerRun.Of(image), CancellationToken.None)).Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe(code);
        problem.Message.ShouldContain(image);
        problem.ToString().ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_folder_that_the_engine_cannot_see_is_one_sentence()
    {
        await using var run = new ContainerRun(engine, settings => settings with { Reference = ["/no/such/model.pt"] });
        var done = run.Run(await run.Program(), "/app/silent.sh");
        done.Cause.ShouldBe(EndCause.NotStarted);
        done.Message!.ShouldStartWith("YP4120");
        done.Message!.ShouldContain("/no/such/model.pt");
    }

    [Fact]
    public async Task Reference_data_keep_their_names()
    {
        using var scratch = new ScratchFolder();
        var model = Path.Combine(scratch.Root, "model.pt");
        File.WriteAllText(model, "weights");
        await using var run = new ContainerRun(engine, settings => settings with { Reference = [model] });
        var seen = run.Launcher.Seen(model);
        seen.ShouldEndWith("/model.pt");
        run.Run(await run.Program(), "/bin/cat", seen).Tail.ShouldBe("weights");
    }

    [Fact]
    public async Task A_path_that_no_container_sees_is_refused()
    {
        await using var run = new ContainerRun(engine);
        Should.Throw<YunpipeException>(() => run.Launcher.Seen(run.Input + "-beside/x")).Problem.Code.ShouldBe("YP4130");
    }

    [Fact]
    public async Task An_engine_that_is_asked_for_is_found()
    {
        var found = Engines.Find(engine);
        var choice = (await LauncherFinder.Find(engine, ["yunpipe-test"], Engines.Variables, CancellationToken.None)).OrThrow();
        choice.Engine!.Executable.ShouldBe(found.Executable);
        choice.Why.ShouldEndWith("as asked");
    }

    [Fact]
    public async Task The_engine_that_holds_the_image_is_chosen()
    {
        await using var run = new ContainerRun(engine);
        var name = $"yunpipe-only-here-{run.Id}";
        Engines.Ask(run.Engine, "tag", "yunpipe-test", name);
        try
        {
            (await LauncherFinder.Find(null, [name], Engines.Variables, CancellationToken.None)).OrThrow().Engine!.Name.ShouldBe(engine);
        }
        finally
        {
            Engines.Ask(run.Engine, "rmi", name);
        }
    }

    private static async Task Changed(ContainerRun run, byte[]? layer, Action<JsonNode> config, Func<string, Task> test)
    {
        var name = $"localhost/yunpipe-changed-{run.Id}";
        ImageArchive.Change(run.Engine, "yunpipe-test", name, layer, config);
        try
        {
            await test(name);
        }
        finally
        {
            Engines.Ask(run.Engine, "rmi", "--force", name);
        }
    }
}
