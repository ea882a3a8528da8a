using System.Globalization;
using System.Text.Json;
using Yunpipe.Aws.Calls;
using Yunpipe.Deployments;
using Yunpipe.Dispatcher;
using Yunpipe.Fleet;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>What RunTask is asked for when a job ran out of memory.</summary>
public sealed class LargerTaskTests
{
    /// <summary>Task sizes as AWS lists them (Amazon ECS developer guide, “Task size”), written down a second time: CPU units; least memory, most memory and step, in MiB.</summary>
    private static readonly Dictionary<int, (int Least, int Most, int Step)> Sold = new()
    {
        [256] = (512, 2048, 512), [512] = (1024, 4096, 1024), [1024] = (2048, 8192, 1024), [2048] = (4096, 16384, 1024), [4096] = (8192, 30720, 1024), [8192] = (16384, 61440, 4096), [16384] = (32768, 122880, 8192),
    };

    private static DeployedStep Step(double cpu, int most = 122_880) => new()
    {
        Name = "s", Identity = "", Program = "", Queue = "", Cpu = cpu, Task = new DeployedTask("w-s:1", "algorithm", [], 256, 512, most),
    };

    [Theory]
    [InlineData("FARGATE")]
    [InlineData("FARGATE_SPOT")]
    public void On_Fargate_every_larger_task_is_a_size_that_is_sold_and_holds_what_was_asked_for(string capacity)
    {
        foreach (var cpu in new[] { 0.25, 0.5, 1, 2, 3.5, 4, 8, 16 })
            for (var memory = 1024; memory <= 122_880; memory += 1024)
            {
                var overrides = LargerTask.Overrides(Step(cpu), new TaskStart("s", capacity, 1, memory))!;
                var (units, mebibytes) = (int.Parse(overrides.Cpu!, CultureInfo.InvariantCulture), int.Parse(overrides.Memory!, CultureInfo.InvariantCulture));
                units.ShouldBeGreaterThanOrEqualTo((int)(cpu * 1024));
                mebibytes.ShouldBeInRange(Math.Max(memory, Sold[units].Least), Sold[units].Most);
                if (units == 256) mebibytes.ShouldNotBe(1536);
                (mebibytes % Sold[units].Step).ShouldBe(0, $"{units} and {mebibytes}");
                // The container has all of its task: what its definition says of memory must not hold it back.
                overrides.ContainerOverrides!.Single().Memory.ShouldBeNull();
                overrides.ContainerOverrides!.Single().Environment!.Single().ShouldBe(new NamedValue("YUNPIPE_MEMORY", ((long)memory << 20).ToString(CultureInfo.InvariantCulture)));
            }
    }

    [Theory]
    [InlineData(4096, 4224)]
    [InlineData(16_000, 16_128)]
    [InlineData(16_384, 16_384)]
    public void On_a_machine_of_ones_own_the_container_is_larger_and_the_task_is_left_alone(int asked, int given)
    {
        var overrides = LargerTask.Overrides(Step(1, most: 16_384), new TaskStart("s", "w-machines", 1, asked))!;
        (overrides.Cpu, overrides.Memory, overrides.ContainerOverrides!.Single().Memory).ShouldBe((null, null, given));
        JsonSerializer.SerializeToNode(overrides, EcsJson.Default.TaskOverride)!.ToJsonString().ShouldBe(
            $$$"""{"containerOverrides":[{"name":"algorithm","memory":{{{given}}},"environment":[{"name":"YUNPIPE_MEMORY","value":"{{{(long)asked << 20}}}"}]}]}""");
    }

    [Fact]
    public void A_task_of_the_usual_size_overrides_nothing() => LargerTask.Overrides(Step(1), new TaskStart("s", "FARGATE", 3, null)).ShouldBeNull();
}
