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
            ["algorithm", "list"], ["algorithm", "show", "copy.yaml"], ["algorithm", "show", "copy.yaml", "--json"], ["algorithm", "validate", "copy.yaml", "wf.yaml"],
            ["algorithm", "preview", "copy.yaml", "-i", "image=it's.tif"], ["algorithm", "preview", "segment", "--set", "minArea=9", "--json"], ["algorithm", "preview", "segment", "--set", "minarea=9", "-i", "imag=x"],
            ["algorithm", "show", "segmnt"], ["algorithm", "test", "oci:nowhere"], ["algorithm", "test", "blur"]));
        cli.Do("algorithm", "schema").Out.ShouldBe(File.ReadAllText(Path.Combine(Golden.Root, "schema/algorithm.schema.json")));
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
