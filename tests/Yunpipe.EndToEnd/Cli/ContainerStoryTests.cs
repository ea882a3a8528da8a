using Yunpipe.EndToEnd.Containers;
using Yunpipe.Local.Launchers;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>The same commands, with images.</summary>
public sealed class ContainerStoryTests
{
    private static ContainerEngine EngineWithImage(string name)
    {
        var engine = Engines.Find(name);
        if (!engine.Ask(["image", "inspect", "yunpipe-test"], TimeSpan.FromSeconds(30), CancellationToken.None).Ok && !Engines.Variables.ContainsKey("YUNPIPE_ENGINES"))
            Assert.Skip($"{name} does not hold the image yunpipe-test (tests/containers/setup.sh puts it there).");
        return engine;
    }

    [Theory]
    [InlineData("podman")]
    [InlineData("docker")]
    public async Task A_command_in_an_image_is_run_over_every_file_with_a_script_from_here(string engine)
    {
        var asked = EngineWithImage(engine);
        using var bench = new CommandBench().Put("in/a b.txt", "first\n").Put("in/deep/c.txt", "second\n").Put("up.sh", "test ! -e /work && tr a-z A-Z < \"$1\" > \"$2\"\n");
        string[] words = ["run", "yunpipe-test", "-i", "in", "-o", "out", "--launcher", engine, "--save", "saved", "--", "sh", "up.sh", "${image}", "${out}/up.txt"];
        var said = await bench.Yunpipe(words);
        said.Exit.ShouldBe(0, said.ToString());
        said.Error.ShouldContain($"Running in {engine} ");
        bench.View().ShouldBe([new("a b/up.txt", "FIRST\n"), new("deep/c/up.txt", "SECOND\n")]);
        (await bench.Yunpipe("run", "saved/workflow.yaml", "--launcher", engine)).Out.ShouldContain("all was done before");
        Engines.Ask(asked, "ps", "--all", "--quiet", "--filter", $"label=yunpipe.run={bench.At("out")}").ShouldBe("");
    }

    [Fact]
    public async Task Steps_with_and_without_an_image_go_together()
    {
        EngineWithImage("podman");
        using var bench = new CommandBench().WithTwoSteps();
        bench.Put("shout.yaml", bench.Text("shout.yaml") + "image: yunpipe-test\n");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--launcher", "podman");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Text("out/count/a.count").Trim().ShouldBe("8");
    }

    [Fact]
    public async Task Where_no_engine_answers_algorithms_with_an_image_run_as_programs_and_it_is_said()
    {
        using var bench = new CommandBench().WithTwoSteps();
        bench.Put("shout.yaml", bench.Text("shout.yaml") + "image: yunpipe-test\n");
        var tools = bench.At("tools");
        Directory.CreateDirectory(tools);
        foreach (var tool in (string[])["sh", "seq", "tr", "wc"]) File.CreateSymbolicLink(Path.Combine(tools, tool), File.Exists($"/usr/bin/{tool}") ? $"/usr/bin/{tool}" : $"/bin/{tool}");
        var said = await bench.Yunpipe(new Dictionary<string, string> { ["PATH"] = tools }, "run", "workflow.yaml");
        said.Exit.ShouldBe(0, said.ToString());
        said.Error.ShouldContain("since no container engine answers: ");
        var asked = await bench.Yunpipe(new Dictionary<string, string> { ["PATH"] = tools }, "run", "workflow.yaml", "--launcher", "docker");
        asked.Exit.ShouldBe(2);
        asked.Error.ShouldBe("YP4113: docker is not installed.\n");
    }
}
