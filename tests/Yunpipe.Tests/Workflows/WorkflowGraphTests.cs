using System.Xml.Linq;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Workflows;

public sealed class WorkflowGraphTests
{
    private const string Plate = """
        name: plate
        input:
          location: ./in
          pattern: "{plate}/Images/r{row}c{col}f{site}p{plane}-ch{ch}sk1fk1fl1.tiff"
          item: {key: "${plate}/${row}${col}-${site}", parts: {dna: {ch: 1}, er: {ch: 2}, rna: {ch: 3}}}
        steps:
          - {name: illum,   algorithm: ./illum.yaml, inputs: {sites: input}, gather: {by: "${plate}"}}
          - {name: analyse, algorithm: ./cp.yaml,    inputs: {site: input, illum: illum.npy}, batch: 16}
          - {name: blur,    algorithm: blur,         inputs: {image: input.dna}, matrix: {sigma: [1, 2, 3]}, when: {plate: [P1, P2]}}
          - {name: table,   algorithm: concat,       inputs: {rows: analyse.cells}, gather: {by: "${plate}", missing: skip}}
          - {name: plot,    algorithm: plot}
        output: {location: ./out, layout: "${step}/${path}"}
        """;

    [Fact]
    public void The_plate_is_drawn_as_text_Mermaid_and_SVG()
    {
        var graph = WorkflowGraph.Of(TestAlgorithms.Planned(Plate));
        Golden.Check("workflows/plate.txt", graph.ToText());
        Golden.Check("workflows/plate.mmd", graph.ToMermaid());
        Golden.Check("workflows/plate.svg", graph.ToSvg());
    }

    [Fact]
    public void A_chain_is_drawn_in_one_line()
    {
        var graph = WorkflowGraph.Of(TestAlgorithms.Planned("{name: chain, input: ./in, steps: [blur, tile, {name: measure, algorithm: measure, inputs: {labels: tile, image: input}}]}"));
        Golden.Check("workflows/chain.svg", graph.ToSvg());
        Golden.Check("workflows/chain.txt", graph.ToText());
    }

    [Fact]
    public void Names_with_markup_stay_text()
    {
        const string Text = "{input: {location: \"<b>&\\\"\\u0001|#1;`\", pattern: '{a}<script>.tif'}, steps: [{name: blur, algorithm: blur, when: '<i>*'}]}";
        var graph = WorkflowGraph.Of(TestAlgorithms.Planned(Text));
        var svg = XDocument.Parse(graph.ToSvg());
        svg.Descendants().Any(element => element.Name.LocalName is "b" or "script" or "i").ShouldBeFalse();
        graph.ToMermaid().ShouldNotContain("<script");
    }

    [Fact]
    public void Five_hundred_steps_that_all_read_the_input_are_planned_and_drawn_in_no_time()
    {
        var steps = string.Join(", ", Enumerable.Range(0, 500).Select(i => $"{{name: s{i}, algorithm: both, inputs: {{a: input, b: {(i == 0 ? "input" : $"s{i - 1}")}}}}}"));
        var text = $"{{input: ./in, steps: [{steps}]}}";
        var clock = ThreadClock.Start();
        WorkflowGraph.Of(TestAlgorithms.Planned(text)).ToSvg().ShouldContain("s499");
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public void Boxes_never_overlap()
    {
        var steps = string.Join(", ", Enumerable.Range(0, 40).Select(i => $"{{name: s{i}, algorithm: both, inputs: {{a: {(i == 0 ? "input" : $"s{i / 2}")}, b: {(i < 3 ? "input" : $"s{i / 3}")}}}}}"));
        var text = $"{{input: ./in, steps: [{steps}]}}";
        var layout = new GraphLayout(WorkflowGraph.Of(TestAlgorithms.Planned(text)));
        foreach (var a in layout.Spots)
            foreach (var b in layout.Spots)
                if (!ReferenceEquals(a, b)) (a.X + a.Width <= b.X || b.X + b.Width <= a.X || a.Y + a.Height <= b.Y || b.Y + b.Height <= a.Y).ShouldBeTrue();
    }
}
