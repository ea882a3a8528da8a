using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Verbs;

/// <summary>A scientist writes descriptors and workflows, and checks them without running images.</summary>
public sealed class DescribingTests
{
    [Fact]
    public void Workflows_are_checked_and_drawn()
    {
        using var cli = new Cli();
        cli.Put("wrong.yaml", "input: ./in\nsteps:\n  - {name: one, algorithm: blurr}\n  - {algorithm: blur, variable: {sigma: 2}}\n");
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/workflow.txt", cli.Transcript(
            ["workflow", "validate", "wf.yaml", "wrong.yaml"], ["workflow", "validate", "wf.yaml", "wrong.yaml", "--json"], ["workflow", "graph", "wf.yaml"],
            ["workflow", "graph", "wf.yaml", "--format", "mermaid"], ["workflow", "graph", "wf.yaml", "--json"]));
        cli.Do("workflow", "graph", "wf.yaml", "--format", "svg", "-o", "graph.svg").Exit.ShouldBe(0);
        cli.Read("graph.svg").ShouldStartWith("<svg");
        cli.Do("workflow", "schema").Out.ShouldBe(File.ReadAllText(Path.Combine(Golden.Root, "schema/workflow.schema.json")));
    }

    [Fact]
    public void Algorithms_are_listed_shown_checked_and_previewed()
    {
        using var cli = new Cli();
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/algorithm.txt", cli.Transcript(
            ["algorithm", "list"], ["algorithm", "show", "copy.yaml"], ["algorithm", "show", "copy.yaml", "--json"], ["algorithm", "validate", "copy.yaml", "wf.yaml"], ["algorithm", "validate", "upper.yaml"],
            ["algorithm", "preview", "copy.yaml", "-i", "image=it's.tif"], ["algorithm", "preview", "segment", "--set", "minArea=9", "--json"], ["algorithm", "preview", "segment", "--set", "minarea=9", "-i", "imag=x"],
            ["algorithm", "show", "segmnt"], ["algorithm", "test", "oci:nowhere"], ["algorithm", "test", "blur"]));
        cli.Do("algorithm", "schema").Out.ShouldBe(File.ReadAllText(Path.Combine(Golden.Root, "schema/algorithm.schema.json")));
    }

    [Fact]
    public void Descriptors_of_every_format_are_checked_at_once_the_good_and_the_bad()
    {
        using var cli = new Cli();
        foreach (var file in (string[])["boutiques/everything.json", "boutiques/redirect.json", "cwl/everything.cwl", "cwl/short.cwl", "cwl/wrong.cwl", "cwl/workflow.cwl", "first/template.json", "first/user_request.json"])
            cli.Put(file, File.ReadAllText(Path.Combine(Golden.Root, "tests/Yunpipe.Tests/Algorithms/Importing/Foreign", file)));
        cli.Put("bad.yaml", "name: bad\ncommand: [x, \"${imag}\"]\ninputs: image\n");
        cli.Put("cut.json", "{\"name\": ");
        string[] all = ["copy.yaml", "boutiques/everything.json", "bad.yaml", "cwl/everything.cwl", "cwl/wrong.cwl", "cut.json", "cwl/workflow.cwl", "blur", "first/template.json", "first/user_request.json", "wf.yaml", "nowhere.yaml", "."];
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/validate.txt", cli.Transcript(
            ["algorithm", "validate", .. all], ["algorithm", "validate", .. all, "--json"],
            ["algorithm", "validate", "cwl/short.cwl", "boutiques/redirect.json"], ["algorithm", "validate", "cwl/everything.cwl", "--strict"], ["algorithm", "validate", "boutiques/redirect.json", "--strict"]));
    }

    [Fact]
    public void A_preview_makes_up_what_nobody_gives_and_shows_streams_and_settings_files()
    {
        using var cli = new Cli();
        cli.Put("count.yaml", """
            name: count
            command: [awk, -f, "${script}", "${weights}", "${fast}", "${exact}"]
            inputs: {image: {accepts: "*.txt"}, mask: {required: false, flag: --mask}}
            stdin: "${image}"
            stdout: "${meta.plate}/${image.stem} words.txt"
            stderr: errors.txt
            workdir: "${out}"
            outputs: {words: "${meta.plate}/${image.stem} words.txt"}
            variables:
              least: {type: integer, required: true, above: 10, help: "Shorter words are not counted, in letters"}
              weights: {type: file, required: true, flag: -w}
              fast: {type: flag, flag: --fast}
              exact: {type: number, flag: --exact, minimum: 0, maximum: 1}
            rules: [{atLeastOne: [fast, exact]}, {requires: [fast, exact]}]
            environment: {LEAST: "${least}", NOTHING: "${mask}", SAYS: "it's ${key}"}
            configs: {script: {path: count.awk, lines: ["{ if (length($$0) > ${least}) n++ }", "", "mask ${mask}", "END { print n }"]}}
            """);
        cli.Put("odd.yaml", """
            name: odd
            command: [odd, "${image}", "${id}", "${level}"]
            inputs: image
            outputs: x.txt
            variables: {id: {required: true, pattern: "q{7}"}, level: {type: integer, required: true}}
            """);
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/preview.txt", cli.Transcript(
            ["algorithm", "preview", "count.yaml"], ["algorithm", "preview", "count.yaml", "--json"],
            ["algorithm", "preview", "count.yaml", "--set", "least=12", "--set", "weights=w.csv", "--set", "exact=0.5", "-i", "image=a b.txt", "-i", "mask=m.png", "--meta", "plate=P1"],
            ["algorithm", "preview", "count.yaml", "--quiet"], ["algorithm", "preview", "count.yaml", "--set", "least=3"],
            ["algorithm", "preview", "odd.yaml"], ["algorithm", "preview", "odd.yaml", "--set", "id=qqqqqqq", "--json"], ["algorithm", "preview", "odd.yaml", "--set", "id"]));
    }

    [Fact]
    public void Tests_of_a_descriptor_compare_exit_codes_and_outputs_and_learn_digests()
    {
        using var cli = new Cli();
        cli.Put("copy.yaml", cli.Read("copy.yaml") + $$$"""

            tests:
              - {name: digest, inputs: {image: in/a.txt}, variables: {sigma: 4}, outputs: {out: "sha256:{{{new string('0', 64)}}}"}}
              - {name: bad, inputs: {image: in/bad one.txt}, exitCode: 3}
              - {name: surprise, inputs: {image: in/bad one.txt}}
              - {name: there, inputs: {image: in/b.txt}, outputs: {out: present}}

            """);
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/algorithm-test.txt", cli.Transcript(
            ["algorithm", "test", "copy.yaml"], ["algorithm", "test", "copy.yaml", "--update"], ["algorithm", "test", "copy.yaml", "--json"]));
        Directory.EnumerateFileSystemEntries(Path.Combine(cli.Root, "tmp")).ShouldBeEmpty();
    }
}
