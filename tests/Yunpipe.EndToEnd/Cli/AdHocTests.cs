namespace Yunpipe.EndToEnd.Cli;

/// <summary>One command over every image, without any file.</summary>
public sealed class AdHocTests
{
    private static CommandBench Images() => new CommandBench().Put("in/a b.txt", "first\n").Put("in/deep/c.txt", "second\n");

    [Fact]
    public async Task A_command_is_run_over_every_image()
    {
        using var bench = Images();
        var said = await bench.Yunpipe("run", "--input", "in", "--output", "out", "--", "cp", "${image}", "${out}/copy.txt");
        said.Exit.ShouldBe(0, said.ToString());
        bench.View().ShouldBe([new("a b/copy.txt", "first\n"), new("deep/c/copy.txt", "second\n")]);
        (await bench.Yunpipe("run", "-i", "in", "-o", "out", "--", "cp", "${image}", "${out}/copy.txt")).Out.ShouldContain("all was done before");
    }

    [Fact]
    public async Task Saved_it_is_a_workflow_that_finds_what_is_done()
    {
        using var bench = Images();
        bench.Put("tools/up.sh", "tr a-z A-Z < \"$1\" > \"$2\"\n");
        string[] words = ["run", "-i", "in", "-o", "out", "--save", "saved", "--", "sh", "tools/up.sh", "${image}", "${out}/${stem}.up"];
        var said = await bench.Yunpipe(words);
        said.Exit.ShouldBe(0, said.ToString());
        bench.Golden("ad-hoc-saved.txt", $"{said.Error}--- algorithm.yaml\n{bench.Text("saved/algorithm.yaml")}--- workflow.yaml\n{bench.Text("saved/workflow.yaml")}");
        (await bench.Yunpipe("run", "saved/workflow.yaml")).Out.ShouldContain("all was done before");

        // The script is part of the algorithm.
        bench.Put("tools/up.sh", "tr a-y A-Y < \"$1\" > \"$2\"\n");
        (await bench.Yunpipe("run", "saved/workflow.yaml")).Out.ShouldContain("2 done\n");

        // Saving the same again is nothing; something else is not written over it.
        (await bench.Yunpipe(words)).Exit.ShouldBe(0);
        words[^1] = "${out}/${stem}.other";
        var other = await bench.Yunpipe(words);
        other.Exit.ShouldBe(2);
        other.Error.ShouldContain("is there already, and says something else");
    }

    [Fact]
    public async Task Mistakes_in_a_command_are_told()
    {
        using var bench = Images();
        var text = "";
        foreach (var words in (string[][])[["cp", "${imge}", "${out}/x"], ["cp", "${image", "${out}/x"], ["true"], ["no-such-program", "${image}"]])
        {
            var said = await bench.Yunpipe(["run", "-i", "in", "-o", "out", "--", .. words]);
            said.Exit.ShouldBe(2, said.ToString());
            text += $"$ {string.Join(' ', words)}\n{said.Error}";
        }
        foreach (var words in (string[][])[["-i", "in", "--", "cp", "${image}", "${out}/x"], ["-i", "in", "-o", "out", "--launcher", "docker", "--", "cp", "${image}", "${out}/x"],
            ["-i", "in", "-o", "out", "--set", "cp.x=1", "--", "cp", "${image}", "${out}/x"]])
        {
            var said = await bench.Yunpipe(["run", .. words]);
            said.Exit.ShouldBe(2, said.ToString());
            text += $"$ {string.Join(' ', words)}\n{said.Error}";
        }
        bench.Golden("ad-hoc-mistakes.txt", text);
    }

    [Fact]
    public async Task A_name_is_data_and_a_word_after_the_dashes_is_never_an_option()
    {
        using var bench = new CommandBench().Put("in/--help", "1").Put("in/$(touch x);'\"", "2").Put("in/@file", "3");
        var said = await bench.Yunpipe("run", "-i", "in", "-o", "out", "--", "cp", "--", "${image}", "${out}/--json");
        said.Exit.ShouldBe(0, said.ToString());
        bench.View().Values.ShouldBe(["2", "1", "3"]);
    }
}
