using System.Text;
using CsCheck;
using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Workflows;

public sealed class PlannerTests
{
    private const string Input = "{location: ./in, pattern: '{plate}/{well}.tif'}";

    /// <summary>Each is one thing that cannot be meant; the golden file holds what is said about it.</summary>
    private static readonly (string What, string Steps)[] Wrong =
    [
        ("no steps", "[]"),
        ("a name that is no name", "[{name: 'my step', algorithm: blur}]"),
        ("a step called input", "[{name: input, algorithm: blur}]"),
        ("the same name twice", "[{name: blur, algorithm: blur}, {name: blur, algorithm: blur}]"),
        ("names that differ in case only", "[{name: blur, algorithm: blur}, {name: Blur, algorithm: blur}]"),
        ("an algorithm without inputs", "[source]"),
        ("an unknown input", "[{name: blur, algorithm: blur, inputs: {imagge: input}}]"),
        ("an unknown step", "[blur, {name: segment, algorithm: segment, from: blurr}]"),
        ("itself", "[{name: blur, algorithm: blur, from: blur}]"),
        ("a circle", "[{name: a, algorithm: both, inputs: {a: input, b: c}}, {name: b, algorithm: copy, from: a}, {name: c, algorithm: copy, from: b}]"),
        ("an unknown output", "[segment, {name: measure, algorithm: measure, inputs: {labels: segment.label, image: input}}]"),
        ("an unknown part", "[{name: blur, algorithm: blur, inputs: {image: input.dna}}]"),
        ("two inputs and nothing said", "[blur, {name: measure, algorithm: measure}]"),
        ("one of two inputs missing", "[segment, {name: measure, algorithm: measure, inputs: {labels: segment}}]"),
        ("a file of the wrong kind", "[{name: measure, algorithm: measure, inputs: {labels: input, image: input}}, {name: blur, algorithm: blur, from: measure}]"),
        ("a file for a directory", "[{name: zarr, algorithm: zarr.yaml}]"),
        ("a list without a gather", "[{name: montage, algorithm: montage}]"),
        ("a gather without a list", "[{name: blur, algorithm: blur, gather: all}]"),
        ("a gather by what nobody caught", "[{name: montage, algorithm: montage, gather: '${plat}'}]"),
        ("expected metadata that nobody caught", "[{name: montage, algorithm: montage, gather: {by: '${plate}', expect: {ch: [1, 2]}}}]"),
        ("a filter on what nobody caught", "[{name: blur, algorithm: blur, when: {welll: A01}}]"),
        ("a value that inserts what nobody caught", "[{name: blur, algorithm: blur, variables: {sigma: '${meta.dose}'}}]"),
        ("groups that cannot be found from each other", "[{name: a, algorithm: montage, from: input, gather: '${plate}'}, {name: b, algorithm: montage, from: input, gather: '${well}'}, {name: both, algorithm: both, inputs: {a: a, b: b}}]"),
        ("two sweeps that would multiply each other", "[{name: a, algorithm: blur, matrix: {sigma: [1, 2]}}, {name: t, algorithm: tile, from: input}, {name: both, algorithm: both, inputs: {a: a, b: t}}]"),
        ("two sweeps over other values", "[{name: a, algorithm: blur, from: input, matrix: {sigma: [1, 2]}}, {name: b, algorithm: blur, from: input, matrix: {sigma: [2, 3]}}, {name: both, algorithm: both, inputs: {a: a, b: b}}]"),
        ("many where a gather takes one", "[{name: illum, algorithm: cp.yaml, inputs: {site: input, illum: zero}, gather: '${plate}'}, {name: zero, algorithm: illum.yaml, inputs: {sites: input}, gather: '${well}'}]"),
        ("single items where a gather takes one file", "[blur, {name: field, algorithm: fields, inputs: {sites: input, field: blur}, gather: '${plate}'}]"),
        ("a batch of single files", "[{name: blur, algorithm: blur, batch: 4}]"),
        ("a batch whose environment tells items apart", "[{name: named, algorithm: named, batch: 4}]"),
        ("a batch and a gather", "[{name: montage, algorithm: montage, gather: all, batch: 4}]"),
        ("a batch whose outputs have one name", "[{name: montage, algorithm: montage, batch: 4}]"),
        ("a required variable without a value", "[bits]"),
        ("a matrix without values", "[{name: blur, algorithm: blur, matrix: {sigma: []}}]"),
        ("a matrix with a value twice", "[{name: blur, algorithm: blur, matrix: {sigma: [1, 1.0]}}]"),
        ("a variable given and varied", "[{name: blur, algorithm: blur, variables: {sigma: 3}, matrix: {sigma: [1, 2]}}]"),
    ];

    private static readonly (string What, string Layout)[] WrongLayouts =
    [
        ("an unknown name", "${step}/${pat}"),
        ("out of the root", "../${path}"),
        ("an absolute place", "/tmp/${path}"),
        ("Yunpipe's own folder", "_yunpipe/${path}"),
        ("nothing of the item", "${step}/result.tif"),
        ("nothing of the step", "${path}"),
        ("nothing of the variant", "${step}/${stem}/${output}"),
        ("one file for two outputs", "${step}/${key}"),
    ];

    [Fact]
    public void What_cannot_be_meant_is_said_at_plan_time()
    {
        var text = new StringBuilder();
        foreach (var (what, steps) in Wrong) Say(text, what, $"input: {Input}\nsteps: {steps}\n");
        foreach (var (what, layout) in WrongLayouts)
            Say(text, $"layout: {what}", $"input: {Input}\nsteps:\n  - {{name: blur, algorithm: blur, matrix: {{sigma: [1, 2]}}}}\n  - {{name: copy, algorithm: copy}}\n  - {{name: segment, algorithm: segment}}\noutput: {{layout: '{layout}'}}\n");
        Golden.Check("workflows/plan-problems.txt", text.ToString());
    }

    private static void Say(StringBuilder text, string what, string workflow)
    {
        text.AppendLine($"# {what}");
        var read = TestAlgorithms.Read(workflow);
        var problems = read.Ok ? TestAlgorithms.Plan(workflow).Problems : read.Problems;
        problems.ShouldNotBeEmpty(what);
        foreach (var problem in problems) text.AppendLine(problem.ToString());
    }

    [Fact]
    public void A_step_with_nothing_said_takes_the_step_before() =>
        TestAlgorithms.Shown(TestAlgorithms.Planned("{input: ./in, steps: [blur, segment, {name: montage, algorithm: montage, gather: all}]}")).ShouldBe("""
            0 blur pass 0 depth 0: image=input.image Origin → segment
            1 segment pass 0 depth 1: image=blur.image Origin → montage
            2 montage pass 0 depth 2 by all: images=segment.labels Members
            """);

    [Fact]
    public void Steps_may_stand_in_any_order() =>
        TestAlgorithms.Planned("{input: ./in, steps: [{name: c, algorithm: copy, from: b}, {name: a, algorithm: blur, from: input}, {name: b, algorithm: copy, from: a}]}")
            .Steps.Select(step => step.Name).ShouldBe(["a", "b", "c"]);

    [Fact]
    public void Branches_over_the_same_values_are_joined_value_by_value() =>
        TestAlgorithms.Shown(TestAlgorithms.Planned("""
            {input: ./in, steps: [{name: a, algorithm: blur, from: input, matrix: {sigma: [1, 2]}}, {name: b, algorithm: blur, from: input, matrix: {sigma: [2, 1]}},
            {name: both, algorithm: both, inputs: {a: a, b: b}}]}
            """)).ShouldEndWith("2 both pass 0 depth 1 axes sigma: a=a.image Origin, b=b.image Origin");

    [Fact]
    public void A_sweep_within_a_sweep_has_a_name_of_its_own()
    {
        var plan = TestAlgorithms.Planned("{input: ./in, steps: [{name: a, algorithm: blur, matrix: {sigma: [1, 2]}}, {name: b, algorithm: blur, matrix: {sigma: [3, 4]}}, {name: t, algorithm: montage, gather: '${sigma}/${b_sigma}'}]}");
        plan.Steps[1].Axes.ShouldBe(["sigma", "b_sigma"]);
        plan.Steps[1].Variants.Select(variant => $"{variant.Values["sigma"]} {variant.Meta[0].Key}").ShouldBe(["3 b_sigma", "4 b_sigma"]);
    }

    [Fact]
    public void A_later_step_of_the_gather_waits_for_no_pass_but_a_step_that_joins_it_to_items_does()
    {
        var plan = TestAlgorithms.Planned("""
            input: {location: ./in, pattern: "{plate}/{well}.tif"}
            steps:
              - {name: field, algorithm: montage, from: input, gather: "${plate}"}
              - {name: smooth, algorithm: copy, from: field}
              - {name: flat, algorithm: both, inputs: {a: input, b: smooth}}
              - {name: again, algorithm: montage, from: flat, gather: "${plate}"}
              - {name: wells, algorithm: montage, from: flat, gather: "${plate}/${well}"}
              - {name: close, algorithm: both, inputs: {a: wells, b: again}}
            """);
        TestAlgorithms.Shown(plan).ShouldBe("""
            0 field pass 0 depth 0 by ${plate}: images=input.image Members → smooth
            1 smooth pass 0 depth 1 by ${plate}: image=field.image Origin → flat
            2 flat pass 1 depth 2: a=input.image Origin, b=smooth.image Group → again, wells
            3 again pass 1 depth 3 by ${plate}: images=flat.image Members → close
            4 wells pass 1 depth 3 by ${plate}/${well}: images=flat.image Members → close
            5 close pass 2 depth 4 by ${plate}/${well}: a=wells.image Origin, b=again.image Group
            """);
        plan.Passes.ShouldBe(3);
    }

    [Fact]
    public void Values_of_a_step_are_its_own_and_the_defaults()
    {
        var step = TestAlgorithms.Planned("{input: {pattern: '{plate}/{n}.tif'}, steps: [{name: bits, algorithm: bits, variables: {must: 'plate ${meta.plate}', b: [1, 2]}}]}").Steps[0];
        step.Values.ShouldHaveSingleItem().Value.Items.ShouldBe(["1", "2"]);
        step.Step.VariableTemplates["must"].Source.ShouldBe("plate ${meta.plate}");
    }

    [Fact]
    public void Whatever_reads_whatever_a_plan_is_in_order_or_there_is_a_sentence()
    {
        var source = Gen.OneOf("input", "s0", "s1", "s2", "s3", "s4", "s4.image", "s9");
        var tail = Gen.OneOf("", ", gather: all", ", gather: '${plate}'", ", gather: '${plate}/${well}'", ", gather: '${origin}'", ", batch: 3");
        var kind = Gen.OneOf("copy", "both", "montage", "tile", "blur", "blur, matrix: {sigma: [1, 2]}");
        var step = Gen.Select(kind, source, source, tail, (name, a, b, end) =>
            name == "both" ? $"algorithm: both, inputs: {{a: {a}, b: {b}}}{end}" : $"algorithm: {name}, from: {a}{end}");
        step.Array[1, 6].Sample(steps =>
        {
            var text = $"input: {Input}\nsteps: [{string.Join(", ", steps.Select((body, i) => $"{{name: s{i}, {body}}}"))}]";
            var workflow = TestAlgorithms.Read(text);
            if (!workflow.Ok) return;
            var plan = Planner.Plan(workflow.Value!);
            if (!plan.Ok) { plan.Problems.ShouldNotBeEmpty(); return; }
            foreach (var planned in plan.Value!.Steps)
                foreach (var bound in planned.Inputs)
                {
                    if (bound.From is not { } from) continue;
                    from.Index.ShouldBeLessThan(planned.Index);
                    from.Depth.ShouldBeLessThan(planned.Depth);
                    from.Readers.ShouldContain(planned.Name);
                    planned.Pass.ShouldBeGreaterThanOrEqualTo(bound.Join == JoinKind.Group ? from.Pass + 1 : from.Pass);
                    if (bound.Join == JoinKind.Group) from.Grouped.ShouldNotBeNull();
                    if (bound.Join == JoinKind.Members) planned.Step.Gather.ShouldNotBeNull();
                }
        }, iter: 2000);
    }

    [Theory]
    [InlineData("P1/a.tif", "sigma=2", "P1/sigma=2/a.tif")]
    [InlineData("a.tif", "name=x/y%", "name=x%2Fy%25/a.tif")]
    public void A_variant_is_a_folder_before_the_name(string key, string value, string expected) =>
        DerivedKey.OfVariant(key, [new(value.Split('=')[0], value.Split('=')[1])]).ShouldBe(expected);

    [Fact]
    public void A_group_is_named_by_what_its_members_share()
    {
        var meta = new Dictionary<string, string> { ["plate"] = "P1" };
        DerivedKey.OfGroup(Template.Parse("${plate}"), meta, "o").ShouldBe("P1");
        DerivedKey.OfGroup(Template.Parse("${meta.plate}/${origin}"), meta, "o").ShouldBe("P1/o");
        DerivedKey.OfGroup(Template.Parse("${well}"), meta, "o").ShouldBeNull();
        DerivedKey.OfGroup(null, meta, "o").ShouldBe("all");
    }

    [Fact]
    public void A_filter_takes_metadata_and_globs()
    {
        var filter = new StepFilter(new When(new Dictionary<string, IReadOnlyList<string>> { ["ch"] = ["1", "2"] }, ["P1/**"]));
        filter.Takes("P1/a.tif", new Dictionary<string, string> { ["ch"] = "01" }).ShouldBeTrue();
        filter.Takes("P2/a.tif", new Dictionary<string, string> { ["ch"] = "1" }).ShouldBeFalse();
        filter.Takes("P1/a.tif", new Dictionary<string, string> { ["ch"] = "3" }).ShouldBeFalse();
        filter.Takes("P1/a.tif", new Dictionary<string, string>()).ShouldBeFalse();
        new StepFilter(null).Takes("x", new Dictionary<string, string>()).ShouldBeTrue();
    }
}
