using Yunpipe.Aws.Stack;
using Yunpipe.Workflows;

namespace Yunpipe.Aws.Tests.Stack;

/// <summary>Sizes, machines, and what a workflow cannot have on AWS.</summary>
public sealed class StackStepsTests
{
    private const long GiB = 1L << 30;

    [Theory]
    [InlineData(0.25, 0.3, 256, 512)]
    [InlineData(0.25, 1.5, 256, 2048)]
    [InlineData(0.5, 2, 512, 3072)]
    [InlineData(1, 1, 1024, 2048)]
    [InlineData(1, 8, 2048, 9216)]
    [InlineData(3, 4, 4096, 8192)]
    [InlineData(16, 110, 16384, 114688)]
    public void A_Fargate_task_is_the_smallest_that_holds_algorithm_and_agent(double cpu, double memory, int units, int mebibytes) =>
        FargateSize.Fit(cpu, (long)(memory * GiB)).ShouldBe((units, mebibytes));

    [Theory]
    [InlineData(17, 1)]
    [InlineData(1, 120)]
    public void What_no_Fargate_task_holds_is_said(double cpu, double memory)
    {
        FargateSize.Fit(cpu, (long)(memory * GiB)).ShouldBeNull();
        FargateSize.Holds(new TaskSize(cpu, (long)(memory * GiB), 0, 0, 0), out var why).ShouldBeFalse();
        why.ShouldContain("no Fargate task");
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(10, null)]
    [InlineData(11, 21)]
    [InlineData(100, 110)]
    public void Disk_beyond_the_included_is_asked_for(int gibibytes, int? asked) => FargateSize.DiskGiB(gibibytes * GiB).ShouldBe(asked);

    [Fact]
    public void Every_size_that_Fargate_offers_is_reached_and_none_is_smaller_than_asked()
    {
        foreach (var cpu in new[] { 0.1, 0.25, 0.5, 1, 2, 3.5, 4, 8, 12, 16 })
            for (var memory = 64L << 20; memory < 119 * GiB; memory = memory * 5 / 4)
                if (FargateSize.Fit(cpu, memory) is var (units, mebibytes))
                {
                    units.ShouldBeGreaterThanOrEqualTo((int)(cpu * 1024));
                    ((long)mebibytes << 20).ShouldBeGreaterThan(memory);
                }
    }

    [Fact]
    public void Machines_are_chosen_by_the_price_of_one_task()
    {
        var types = MachineTypes.Fitting(new TaskSize(2, 14 * GiB, 0, 0, 0));
        types[0].Name.ShouldStartWith("r");
        types.ShouldAllBe(type => MachineTypes.Tasks(type, new TaskSize(2, 14 * GiB, 0, 0, 0)) >= 1);
        types.Select(type => type.Price / MachineTypes.Tasks(type, new TaskSize(2, 14 * GiB, 0, 0, 0))).ShouldBeInOrder();
        MachineTypes.Fitting(new TaskSize(4, 8 * GiB, 0, 1, 0))[0].Name.ShouldBe("g4dn.xlarge");
        MachineTypes.Fitting(new TaskSize(1, GiB, 0, 0, 0)).ShouldAllBe(type => type.Gpu == 0);
        MachineTypes.Fitting(new TaskSize(400, GiB, 0, 0, 0)).ShouldBeEmpty();
    }

    [Fact]
    public void Everything_that_AWS_cannot_do_is_told_at_once()
    {
        var plan = StackSamples.Plan(StackSamples.Read("""
            input: ./in
            steps:
              - {name: slow, algorithm: blur, inputs: {image: input}, timeout: 12 h}
              - {name: huge, algorithm: blur, inputs: {image: input}, resources: {cpu: 500, memory: 5000 GiB}}
            """));
        var images = StackSamples.Images(plan);
        images.Remove("huge");
        StackSteps.Of(plan, images, new Dictionary<string, IReadOnlyList<string>>(), new CapacityChoice()).Problems.Select(problem => problem.ToString()).ShouldBe(
        [
            "workflow.yaml:3:5: YP6202: The step “slow” may take 12 h; on AWS a job takes at most 11 h. Split the work into smaller jobs, or run it with yunpipe run.",
            "workflow.yaml:4:5: YP6201: The step “huge” has no image, and AWS runs nothing else. Name an image in its algorithm, or put its program into one: yunpipe algorithm new.",
            "workflow.yaml:4:5: YP6203: No machine that Yunpipe knows holds a task of “huge”: 500 processors, 4.9 TiB of memory. Ask for less, or name machines with --machines STEP=TYPE.",
        ]);
    }

    [Fact]
    public void Machines_that_the_algorithm_names_are_taken_where_Fargate_does_not_serve_and_those_of_the_command_before_them()
    {
        var plan = StackSamples.Plan(StackSamples.Read("""
            input: ./in
            steps:
              - {name: small, algorithm: blur, inputs: {image: input}, resources: {machines: c5.xlarge}}
              - {name: large, algorithm: blur, inputs: {image: input}, resources: {gpu: 1, machines: [g5.xlarge, p4d.24xlarge]}}
              - {name: other, algorithm: blur, inputs: {image: input}, resources: {gpu: 1, machines: [g5.xlarge]}}
            """));
        var given = new Dictionary<string, IReadOnlyList<string>> { ["other"] = ["g4dn.2xlarge"] };
        string[] Types(CapacityChoice choice) =>
            [.. StackSteps.Of(plan, StackSamples.Images(plan), new Dictionary<string, IReadOnlyList<string>>(), choice).OrThrow().Select(step => string.Join(' ', step.Capacity.InstanceTypes))];
        Types(new CapacityChoice(InstanceTypes: given)).ShouldBe(["", "g5.xlarge p4d.24xlarge", "g4dn.2xlarge"]);
        Types(new CapacityChoice(Machines: true)).ShouldBe(["c5.xlarge", "g5.xlarge p4d.24xlarge", "g5.xlarge"]);
    }

    [Fact]
    public void A_machine_that_is_known_to_be_wrong_is_told()
    {
        var plan = StackSamples.Plan(StackSamples.Read("""
            input: ./in
            steps:
              - {name: arm, algorithm: blur, inputs: {image: input}, resources: {gpu: 1, machines: [g5g.xlarge]}}
              - {name: tight, algorithm: blur, inputs: {image: input}, resources: {memory: 200 GiB, machines: [c5.large]}}
              - {name: given, algorithm: blur, inputs: {image: input}}
            """));
        var choice = new CapacityChoice(InstanceTypes: new Dictionary<string, IReadOnlyList<string>> { ["given"] = ["m5.large", "c7gn.large"] });
        StackSteps.Of(plan, StackSamples.Images(plan), new Dictionary<string, IReadOnlyList<string>>(), choice).Problems.Select(problem => problem.ToString()).ShouldBe(
        [
            "workflow.yaml:3:5: YP6205: The step “arm” cannot run on “g5g.xlarge”: it has ARM processors, and images here are for x86-64. Name others: machines: [g5.xlarge] among its resources, or --machines STEP=TYPE.",
            "workflow.yaml:4:5: YP6205: The step “tight” cannot run on “c5.large”: it does not hold 1 processors, 200 GiB of memory. Name others: machines: [g5.xlarge] among its resources, or --machines STEP=TYPE.",
            "workflow.yaml:5:5: YP6205: The step “given” cannot run on “c7gn.large”: it has ARM processors, and images here are for x86-64. Name others: machines: [g5.xlarge] among its resources, or --machines STEP=TYPE.",
        ]);
    }

    [Theory]
    [InlineData("denoise", "StepDenoise")]
    [InlineData("step2", "StepStep2")]
    public void A_plain_name_is_its_own_id(string step, string id) => StepIds.Of(step).ShouldBe(id);

    [Fact]
    public void Names_that_differ_have_ids_that_differ() =>
        new[] { "a_b", "a-b", "aB", "ab", "A_b", "a__b", "Ab" }.Select(StepIds.Of).ShouldBeUnique();

    [Fact]
    public void A_last_step_is_shown_and_an_intermediate_one_is_not()
    {
        var spec = StackSamples.Sample("nuclei");
        spec.Steps.Where(step => step.IsResult).Select(step => (step.Name, step.View)).ShouldBe([("table", "table/"), ("overview", "overview/")]);
        spec.Steps.Single(step => step.Name == "measure").Gathers.ShouldBe(["table"]);
    }
}
