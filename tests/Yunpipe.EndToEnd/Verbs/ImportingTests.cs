using System.Text.Json;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Verbs;

/// <summary>Descriptors of other programs come over with the published command, and what comes over runs.</summary>
public sealed class ImportingTests
{
    private static Cli Bench()
    {
        var cli = new Cli();
        var folder = Path.Combine(Golden.Root, "tests/Yunpipe.Tests/Algorithms/Importing/Foreign");
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)) cli.Put(Path.GetRelativePath(folder, file), File.ReadAllText(file));
        return cli;
    }

    [Fact]
    public void What_is_imported_is_written_once_and_what_is_not_carried_over_is_told()
    {
        using var cli = Bench();
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/import.txt", cli.Transcript(
            ["algorithm", "import", "boutiques/redirect.json", "-o", "sort.yaml"],
            ["algorithm", "import", "boutiques/redirect.json", "-o", "sort.yaml"],
            ["algorithm", "import", "boutiques/forms.json", "-o", "sort.yaml", "--force", "--quiet"],
            ["algorithm", "import", "cwl/short.cwl"],
            ["algorithm", "import", "cwl/short.cwl", "--strict", "-o", "strict.yaml"],
            ["algorithm", "import", "boutiques/redirect.json", "--strict", "-o", "strict.yaml", "--quiet"],
            ["algorithm", "import", "first/algorithm_example.json", "boutiques/redirect.json", "-o", "folder", "--json"],
            ["algorithm", "import", "cwl/wrong.cwl", "boutiques/redirect.json", "-o", "other"],
            ["algorithm", "import", "boutiques/singularity.json", "--input", "who", "--reference", "folder", "--directory", "folder", "--format", "boutiques", "--quiet"],
            ["algorithm", "import", "boutiques/singularity.json", "--input", "whom"],
            ["algorithm", "import", "first/user_request.json"], ["algorithm", "import", "wf.yaml"], ["algorithm", "import", "copy.yaml"], ["algorithm", "import", "nowhere.json"],
            ["algorithm", "import", "boutiques/redirect.json", "-o", "in/a.txt/x.yaml"]));
        cli.Read("sort.yaml").ShouldContain("name: forms\n");
        cli.Has("other").ShouldBeFalse();
        cli.Files("folder").ShouldBe(["folder/change123-s3.yaml", "folder/redirect.yaml"]);
        cli.Do("algorithm", "validate", "folder/change123-s3.yaml", "folder/redirect.yaml", "strict.yaml").Exit.ShouldBe(0);
    }

    [Fact]
    public void An_imported_tool_runs_as_it_did()
    {
        using var cli = Bench();
        cli.Put("lines.txt", "b\na\nc\n");
        cli.Do("algorithm", "import", "boutiques/redirect.json", "-o", "redirect.yaml").Exit.ShouldBe(0);
        cli.Do("algorithm", "run", "redirect.yaml", "lines.txt", "--reverse", "-o", "boutiques-out", "--launcher", "process").ShouldBe(new Said(0, "boutiques-out/sorted_lines.txt\n", ""));
        cli.Read("boutiques-out/sorted_lines.txt").ShouldBe("c\nb\na\n");
        cli.Do("algorithm", "import", "cwl/short.cwl", "-o", "short.yaml").Exit.ShouldBe(0);
        cli.Do("algorithm", "run", "short.yaml", "lines.txt", "--set", "reverse=false", "-o", "cwl-out", "--launcher", "process").Exit.ShouldBe(0);
        cli.Read("cwl-out/sorted.stdout").ShouldBe("a\nb\nc\n");
    }

    [Fact]
    public void A_request_and_the_algorithms_that_it_names_become_a_workflow_that_plans()
    {
        using var cli = Bench();
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/workflow-import.txt", cli.Transcript(
            ["workflow", "import", "first/user_request.json"],
            ["workflow", "import", "first/user_request.json", "-o", "moved.yaml"],
            ["workflow", "import", "first/user_request.json", "-o", "moved.yaml"],
            ["workflow", "validate", "moved.yaml"],
            ["algorithm", "import", "first/algorithm_example.json", "-o", "change123-s3.yaml"],
            ["workflow", "validate", "moved.yaml"],
            ["workflow", "import", "first/user_request.json", "--strict", "--json"],
            ["workflow", "import", "first/algorithm_example.json"], ["workflow", "import", "in/a.txt"]));
    }

    [Theory]
    [InlineData("blur")]
    [InlineData("segment")]
    [InlineData("copy.yaml")]
    public void What_is_exported_to_boutiques_comes_back_as_it_was(string algorithm)
    {
        using var cli = Bench();
        cli.Do("algorithm", "export", algorithm, "--boutiques", "-o", "out.json").Exit.ShouldBe(0);
        cli.Do("algorithm", "import", "out.json", "-o", "back.yaml", "--strict").Exit.ShouldBe(0);
        cli.Do("algorithm", "show", "back.yaml").Out.ShouldBe(cli.Do("algorithm", "show", algorithm).Out);
        JsonDocument.Parse(cli.Read("out.json")).RootElement.GetProperty("schema-version").GetString().ShouldBe("0.5");
        var again = cli.Do("algorithm", "export", algorithm, "--boutiques", "-o", "out.json");
        (again.Exit, again.Error.Contains("YP5004: “out.json” is there already.", StringComparison.Ordinal)).ShouldBe((2, true));
    }
}
