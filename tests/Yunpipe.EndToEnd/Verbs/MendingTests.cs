using Yunpipe.EndToEnd.Containers;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Verbs;

/// <summary>A scientist finds out why something failed, and gives space back.</summary>
public sealed class MendingTests
{
    [Fact]
    public void A_failed_attempt_is_shown_and_run_again_exactly()
    {
        using var cli = new Cli();
        cli.Do("run", "wf.yaml");
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/debug.txt", cli.Transcript(["debug", "copy/bad one.txt", "-o", "out"]));
        var result = cli.Do("debug", "copy/bad one.txt", "-o", "out", "--json").Json();
        result.GetProperty("made").GetBoolean().ShouldBeFalse();
        result.GetProperty("result").GetProperty("exit").GetInt32().ShouldBe(3);
        result.GetProperty("result").GetProperty("log").GetString().ShouldBe("copying\ncannot read it\n");
    }

    [Fact]
    public void A_job_that_succeeded_is_made_again_with_its_own_values_elsewhere()
    {
        using var cli = new Cli();
        cli.Do("run", "wf.yaml", "--set", "copy.sigma=7");
        var before = cli.Files("out");
        var said = cli.Do("debug", "out/copy/b.copy", "--json");
        said.Exit.ShouldBe(0, said.Error);
        var document = said.Json();
        document.GetProperty("made").GetBoolean().ShouldBeTrue();
        File.ReadAllText(Path.Combine(document.GetProperty("folder").GetString()!, "out/b.copy")).ShouldBe("content b\n7\n");
        cli.Files("out").ShouldBe(before);
    }

    [Fact]
    public void A_shell_opens_where_the_job_would_run()
    {
        using var cli = new Cli();
        cli.Do("run", "wf.yaml");
        var said = cli.Type("sh run.sh; ls out in; echo sigma is $SIGMA\n", "debug", "copy/a.txt", "-o", "out", "--shell");
        said.Exit.ShouldBe(0, said.Error);
        said.Out.ShouldContain("copying\nin:\na.txt\n\nout:\na.copy\nsigma is 1\n");
    }

    [Theory]
    [InlineData("podman")]
    [InlineData("docker")]
    public void In_a_container_it_is_the_same_container(string engine)
    {
        if (!Engines.Find(engine).Ask(["image", "inspect", "yunpipe-test"], TimeSpan.FromSeconds(20), CancellationToken.None).Ok)
            Assert.Skip($"{engine} has no image yunpipe-test: tests/containers/setup.sh makes it.");
        using var cli = new Cli();
        cli.Put("copy.yaml", cli.Read("copy.yaml").Replace("inputs: [image]", "image: yunpipe-test\ninputs: {image: {path: /data/input.txt}}", StringComparison.Ordinal));
        var run = cli.Do("run", "wf.yaml", "--launcher", engine);
        run.Exit.ShouldBe(3, run.Error);
        var failed = cli.Do("debug", "copy/bad one.txt", "-o", "out", "--json").Json();
        failed.GetProperty("launcher").GetString().ShouldBe(engine);
        failed.GetProperty("result").GetProperty("log").GetString().ShouldBe("copying\ncannot read it\n");
        cli.Do("debug", "copy/a.txt", "-o", "out", "--json").Json().GetProperty("result").GetProperty("outputs")[0].GetString().ShouldBe("a.copy");
        var shell = cli.Type("sh run.sh; cat /data/input.txt out/a.copy\n", "debug", "copy/a.txt", "-o", "out", "--shell");
        shell.Out.ShouldEndWith("copying\ncontent a\ncontent a\n1\n");
    }

    [Fact]
    public void Cleaning_tells_first_and_deletes_what_was_named()
    {
        using var cli = new Cli();
        cli.Do("run", "wf.yaml");
        cli.Do("run", "wf.yaml", "--set", "copy.sigma=2");
        cli.Do("clean", "out", "--attempts", "--yes").Out.ShouldContain("folders of failed attempts");
        cli.Do("failures", "out").Out.ShouldContain("The file is bad");
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/clean.txt", cli.Transcript(
            ["clean", "out"], ["clean", "out", "--superseded", "--dry-run"], ["clean", "out", "--superseded", "--json"], ["clean", "out", "--superseded"],
            ["clean", "out", "--released", "upper"], ["clean", "out", "--released", "copi"], ["clean", "out", "--released", "copy"]));
        cli.Files("out").ShouldBe(["out/upper/a.upper", "out/upper/b.upper", "out/upper/c.upper"]);
        cli.Do("plan", "wf.yaml", "--set", "copy.sigma=2").Out.ShouldContain("nothing to run");
        // Another last step needs what was released.
        cli.Put("upper.yaml", cli.Read("upper.yaml").Replace("A-Z", "B-ZA", StringComparison.Ordinal));
        cli.Do("plan", "wf.yaml", "--set", "copy.sigma=2").Out.ShouldContain("3 whose released output is needed");
        cli.Do("run", "wf.yaml", "--set", "copy.sigma=2").Out.ShouldContain("3 of them made again");
        cli.Read("out/upper/a.upper").ShouldBe("DPOUFOU B\n2\n");
        cli.Has("out/copy/a.copy").ShouldBeTrue();
    }

    [Fact]
    public void A_value_that_comes_back_after_cleaning_runs_again_and_is_right()
    {
        using var cli = new Cli();
        cli.Do("run", "wf.yaml");
        cli.Do("run", "wf.yaml", "--set", "copy.sigma=2");
        cli.Do("clean", "out", "--superseded").Exit.ShouldBe(0);
        cli.Do("run", "wf.yaml");
        cli.Read("out/upper/a.upper").ShouldBe("CONTENT A\n1\n");
        cli.Read("out/copy/a.copy").ShouldBe("content a\n1\n");
    }
}
