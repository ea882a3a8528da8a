namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>Everything that is deployed: the published dispatcher, and tasks that are containers with the published agent in them.</summary>
public sealed class ContainerTests
{
    private const string Chain = """
        name: w
        input: {location: ./in, include: ["*.tif"]}
        steps: [{name: first, algorithm: real}, {name: second, algorithm: real}]
        """;

    [Fact]
    public async Task Two_hundred_images_go_through_real_containers_and_come_out_as_on_one_machine()
    {
        if (Environment.GetEnvironmentVariable("YUNPIPE_ENGINES")?.Contains("docker", StringComparison.Ordinal) != true) Assert.Skip("YUNPIPE_ENGINES names no docker.");
        if (Environment.GetEnvironmentVariable("YUNPIPE_BIN") is not { } bin) { Assert.Skip("YUNPIPE_BIN does not name the folder of published executables."); return; }
        await using var tasks = new ContainerTasks(bin);
        await using var bench = await CloudBench.Open(Chain, mostTasks: 2, tasks: tasks.Run,
            algorithms: new Dictionary<string, string> { ["real"] = "{name: real, command: [/bin/busybox, cp, '${image}', '${out}/${stem}.copy'], inputs: [image], outputs: {out: '${stem}.copy'}}" });
        bench.Local.Launcher.Programs["/bin/busybox"] = call =>
        {
            call.Write(call.Arguments[3], call.Read(2));
            return 0;
        };
        using var dispatcher = new Published(bench);
        await bench.Lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));
        for (var n = 0; n < 200; n++) bench.Upload($"image {n}+.tif", $"content {n}");
        await bench.Local.Run(Chain);
        await bench.Settle(minutes: 2000);
        bench.Results().Count.ShouldBe(200);
        bench.Keys("_yunpipe/manifests/").Count.ShouldBe(400);
    }
}
