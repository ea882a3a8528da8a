using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Workflows;

/// <summary>What the data model was checked against: each of these must be sayable, and must plan as a scientist means it.</summary>
public sealed class ScenarioTests
{
    private const string PlateInput = """
        input:
          location: ./in
          pattern: "{plate}/Images/r{row}c{col}f{site}p{plane}-ch{ch}sk1fk1fl1.tiff"
          item: {key: "${plate}/${row}${col}-${site}", parts: {dna: {ch: 1}, er: {ch: 2}, rna: {ch: 3}, agp: {ch: 4}, mito: {ch: 5}}}

        """;

    [Fact]
    public void A_plate_of_five_channels_with_an_illumination_field_and_a_table_for_each_plate()
    {
        var plan = TestAlgorithms.Planned(PlateInput + """
            steps:
              - {name: illum,   algorithm: ./illum.yaml, inputs: {sites: input}, gather: {by: "${plate}"}}
              - {name: analyse, algorithm: ./cp.yaml,    inputs: {site: input, illum: illum.npy}, batch: 16}
              - {name: blur,    algorithm: blur,         inputs: {image: input.dna}, matrix: {sigma: [1, 2, 3]}}
              - {name: table,   algorithm: concat,       inputs: {rows: analyse.cells}, gather: {by: "${plate}", missing: skip}}
            output: {location: ./out, layout: "${step}/${path}"}
            """);
        TestAlgorithms.Shown(plan).ShouldBe("""
            0 illum pass 0 depth 0 by ${plate}: sites=input Members → analyse
            1 analyse pass 1 depth 1: site=input Origin, illum=illum.npy Group → table
            2 blur pass 0 depth 0 axes sigma ×3: image=input.dna Origin
            3 table pass 1 depth 2 by ${plate}: rows=analyse.cells Members
            """);
        plan.Passes.ShouldBe(2);
        plan.Workflow.Output.Location.ShouldBe("./out");
        plan.Steps[3].Step.Gather!.Missing.ShouldBe(MissingPolicy.Skip);

        var files = from row in Enumerable.Range(1, 16)
                    from column in Enumerable.Range(1, 24)
                    from channel in Enumerable.Range(1, 5)
                    select new SourceFile($"P1/Images/r{row:00}c{column:00}f01p01-ch{channel}sk1fk1fl1.tiff", 1, "v");
        var items = ItemSource.Open(plan.Workflow.Input).OrThrow().Read(files).ToList();
        items.Count.ShouldBe(384);
        items[0].Item!.Key.ShouldBe("P1/0101-01");
        items[0].Item!.Parts.Keys.ShouldBe(["dna", "er", "rna", "agp", "mito"]);
        items[0].Item!.Meta.ContainsKey("ch").ShouldBeFalse();
    }

    [Fact]
    public void Brains_with_sidecars_are_registered_to_an_atlas()
    {
        var plan = TestAlgorithms.Planned("""
            input: {location: ./bids, pattern: "{sub}/anat/${sub}_T1w.nii.gz", sidecars: ["${stem}.json"]}
            steps:
              - {name: register, algorithm: ants.yaml, variables: {atlas: ./atlas.nii.gz}, resources: {memory: 12 GiB}, timeout: 6 h}
            """);
        TestAlgorithms.Shown(plan).ShouldBe("0 register pass 0 depth 0: brain=input.image Origin");
        plan.Steps[0].Values["atlas"].Text.ShouldBe("/work/atlas.nii.gz");
        plan.Steps[0].Algorithm.Resources.MemoryMinimum.ShouldBe(new ByteSize(12L << 30));
        plan.Steps[0].Algorithm.Resources.Timeout.ShouldBe(TimeSpan.FromHours(6));
    }

    [Fact]
    public void Directory_images_go_in_and_come_out()
    {
        var plan = TestAlgorithms.Planned("{input: {location: ./in, kind: directory}, steps: [{name: shrink, algorithm: zarr.yaml}, {name: again, algorithm: zarr.yaml}]}");
        TestAlgorithms.Shown(plan).ShouldBe("""
            0 shrink pass 0 depth 0: image=input.image Origin → again
            1 again pass 0 depth 1: image=shrink.image Origin
            """);
        TestAlgorithms.Plan("{input: ./in, steps: [{name: shrink, algorithm: zarr.yaml}]}").Problems.ShouldHaveSingleItem().Code.ShouldBe(WorkflowCodes.WrongKind);
    }

    [Fact]
    public void Cellpose_takes_a_batch_and_a_model_on_a_gpu()
    {
        var plan = TestAlgorithms.Planned("""
            input: {location: ./in, pattern: "{well}.tif"}
            steps:
              - {name: cellpose, algorithm: cellpose.yaml, from: input, variables: {model: models/cyto3}, batch: 32}
              - {name: measure, algorithm: measure, inputs: {labels: cellpose, image: input}}
            """);
        TestAlgorithms.Shown(plan).ShouldBe("""
            0 cellpose pass 0 depth 0: images=input.image Origin → measure
            1 measure pass 0 depth 1: labels=cellpose.masks Origin, image=input.image Origin
            """);
        plan.Steps[0].Algorithm.Resources.Gpu.ShouldBe(1);
        plan.Steps[0].Step.Batch.ShouldBe(32);
    }

    [Fact]
    public void A_sweep_multiplies_every_step_after_it_and_keeps_the_image_that_it_began_with()
    {
        var plan = TestAlgorithms.Planned("""
            input: {location: ./in, pattern: "{plate}/{name}.tif"}
            steps:
              - {name: blur, algorithm: blur, matrix: {sigma: [0.5, 1, 2.50]}}
              - {name: segment, algorithm: segment, from: blur}
              - {name: measure, algorithm: measure, inputs: {labels: segment, image: input}}
              - {name: table, algorithm: concat, from: measure, gather: "${plate}/${sigma}"}
              - {name: all, algorithm: concat, from: table, gather: all}
            """);
        TestAlgorithms.Shown(plan).ShouldBe("""
            0 blur pass 0 depth 0 axes sigma ×3: image=input.image Origin → segment
            1 segment pass 0 depth 1 axes sigma: image=blur.image Origin → measure
            2 measure pass 0 depth 2 axes sigma: labels=segment.labels Origin, image=input.image Origin → table
            3 table pass 0 depth 3 by ${plate}/${sigma}: rows=measure.table Members → all
            4 all pass 0 depth 4 by all: rows=table.table Members
            """);
        plan.Steps[0].Variants.Select(variant => variant.Meta.Single().Value).ShouldBe(["0.5", "1", "2.5"]);
        DerivedKey.OfVariant("P1/a.tif", plan.Steps[0].Variants[2].Meta).ShouldBe("P1/sigma=2.5/a.tif");
    }

    [Fact]
    public void A_new_version_of_the_last_step_leaves_the_steps_before_it_as_they_are()
    {
        Plan With(string image) => TestAlgorithms.Planned($$"""
            {input: {location: ./in, pattern: "{name}.tif"}, steps: [{name: segment, algorithm: segment}, {name: measure, algorithm: measure, inputs: {labels: segment, image: input}, image: "lab/measure:{{image}}"}]}
            """);
        var (old, next) = (With("1"), With("2"));
        next.Steps[0].Algorithm.Image.ShouldBe(old.Steps[0].Algorithm.Image);
        next.Steps[1].Algorithm.Image.ShouldBe("lab/measure:2");
        (next.Steps[1].Algorithm with { Image = null, Command = old.Steps[1].Algorithm.Command }).Resources.ShouldBe(old.Steps[1].Algorithm.Resources);
    }

    [Fact]
    public void Tiles_are_gathered_again_by_the_image_that_they_come_from()
    {
        var plan = TestAlgorithms.Planned("""
            input: ./in
            steps:
              - tile
              - {name: blur, algorithm: blur}
              - {name: join, algorithm: montage, gather: "${origin}"}
              - {name: both, algorithm: both, inputs: {a: input, b: join}}
            """);
        TestAlgorithms.Shown(plan).ShouldBe("""
            0 tile pass 0 depth 0: image=input.image Origin → blur
            1 blur pass 0 depth 1 axes tile: image=tile.tiles Origin → join
            2 join pass 0 depth 2 by ${origin}: images=blur.image Members → both
            3 both pass 1 depth 3: a=input.image Origin, b=join.image Group
            """);
    }

    [Theory]
    [InlineData("nuclei")]
    [InlineData("plate")]
    public void Every_sample_plans_with_the_toolbox_as_it_is(string sample)
    {
        static Reading<Algorithm> Toolbox(string name, string directory) => AlgorithmReader.Read(Path.Combine(Golden.Root, "src/Yunpipe.Toolbox/algorithms", name + ".yaml"));
        var plan = PlanReader.Read(Path.Combine(Golden.Root, "samples", sample, "workflow.yaml"), Toolbox).ShouldBeRead();
        Golden.Check($"workflows/sample-{sample}.txt", TestAlgorithms.Shown(plan));
    }
}
