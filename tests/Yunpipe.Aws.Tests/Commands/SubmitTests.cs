using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Dispatch;

namespace Yunpipe.Aws.Tests.Commands;

/// <summary>What lies in the bucket already takes the road of uploads.</summary>
public sealed class SubmitTests
{
    [Fact]
    public async Task It_is_counted_then_sent_then_left_alone()
    {
        await using var deployed = await DeployedCli.Open();
        deployed.Put(Enumerable.Range(0, 5).Select(n => $"old/{n}.tif").Append("b c+%.tif"));
        await deployed.Check("submit", ["submit", DeployedCli.Place, "--dry-run"], ["submit", DeployedCli.Place, "--prefix", "old/", "--dry-run", "--json"],
            ["submit", DeployedCli.Place, "--prefix", "old/"], ["submit", DeployedCli.Place], ["submit", DeployedCli.Place], ["submit", DeployedCli.Place, "--json"],
            ["submit", DeployedCli.Place, "--prefix", "new/"], ["submit", DeployedCli.Place, "--from-step", "second"], ["submit", DeployedCli.Place, "--again", "--prefix", "old/"], ["submit", DeployedCli.Place, "-q"]);
        Sent(deployed, "first").Distinct().Count().ShouldBe(6);
        Sent(deployed, "first").Count.ShouldBe(6 + 5, "what was asked for again is sent again");
        Sent(deployed, "second").ShouldBeEmpty();
    }

    [Fact]
    public async Task Images_are_named_one_by_one_or_in_a_list_or_by_their_address()
    {
        await using var deployed = await DeployedCli.Open();
        deployed.Put("a.tif", "b c+%.tif", "ü/d.tif", "e.tif", "f.tif");
        await File.WriteAllTextAsync(Path.Combine(deployed.Cli.Folder, "list.txt"), "b c+%.tif\n\ns3://in/ü/d.tif\n");
        await deployed.Check("submit-named", ["submit", DeployedCli.Place, "a.tif", "gone.tif"], ["submit", DeployedCli.Place, "--list", "list.txt"], ["submit", DeployedCli.Place, "--list", "no.txt"],
            ["submit", DeployedCli.Place, "a.tif", "--prefix", "b"], ["submit", DeployedCli.Place, "--from-step", "frist"], ["submit", "s3://results"], ["submit", DeployedCli.Place, "--list", "list.txt", "--after", "b c+%.tif"]);
        Keys(deployed).ShouldBe(["a.tif", "b c+%.tif", "ü/d.tif"], ignoreOrder: true);
        var piped = await deployed.Cli.Shell($"printf 'e.tif\\nf.tif\\n' | yunpipe submit {DeployedCli.Place} --list -");
        piped.Exit.ShouldBe(0, piped.Error);
        Keys(deployed).Count.ShouldBe(5);
    }

    [Fact]
    public async Task Interrupted_it_ends_after_the_call_under_way_and_says_how_to_go_on()
    {
        await using var deployed = await DeployedCli.Open();
        for (var n = 0; n < 5000; n++) deployed.Bench.Put("in", $"it's/{n:0000}.tif", [1]);
        deployed.Bench.TakeHappened();
        var calls = 0;
        using var process = deployed.Cli.Start("submit", DeployedCli.Place, "--again");
        deployed.Bench.Aws.Functions.Asking = _ =>
        {
            if (++calls == 1) DeployedCli.Interrupt(process);
        };
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(130, error);
        calls.ShouldBe(1);
        var told = error.Split('\n').Single(line => line.StartsWith("Interrupted.", StringComparison.Ordinal));
        told.ShouldBe("""Interrupted. To go on: yunpipe submit s3://work --after 'it'\''s/1999.tif' --again""");
        Sent(deployed, "first").Count.ShouldBe(2000);
        var on = await deployed.Cli.Shell(told["Interrupted. To go on: ".Length..]);
        on.Exit.ShouldBe(0, on.Error);
        on.Out.ShouldBe("3000 files looked at (2.9 KiB), 3000 jobs sent.\n");
        calls.ShouldBe(3);
        Sent(deployed, "first").Count.ShouldBe(5000);
        Sent(deployed, "first").Distinct().Count().ShouldBe(5000, "nothing was sent twice, though all was to be sent again");
    }

    [Fact]
    public async Task A_function_that_fails_or_is_busy_or_gone_is_one_plain_sentence()
    {
        await using var deployed = await DeployedCli.Open();
        deployed.Put("a.tif");
        deployed.Bench.Aws.Functions.Throttled = 2;
        (await deployed.Do("submit", DeployedCli.Place)).Exit.ShouldBe(0, "what passes is waited for");
        deployed.Bench.Aws.Functions.Throttled = int.MaxValue;
        var busy = await deployed.Do("submit", DeployedCli.Place);
        busy.Exit.ShouldBe(1);
        busy.Error.ShouldBe("YP6302: AWS wants fewer calls for “s3://work” just now: lambda refused Invoke: Rate Exceeded (TooManyRequestsException). The same command goes on in a while.\n");
        deployed.Bench.Aws.Functions.Throttled = 0;
        deployed.Bench.Aws.Functions.Put("w-dispatcher", _ => Task.FromResult((false, """{"errorType": "Runtime.ExitError", "errorMessage": "RequestId: 1 Error: Runtime exited with error: signal: killed"}""")));
        var failed = await deployed.Do("submit", DeployedCli.Place, "--json");
        failed.Exit.ShouldBe(1);
        failed.Error.ShouldBe("YP6302: The dispatcher of “s3://work” failed: The function w-dispatcher failed: RequestId: 1 Error: Runtime exited with error: signal: killed (Runtime.ExitError). Its log says more; the same command tries it again.\n");
        failed.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string?)JsonNode.Parse(line)!["code"]).ShouldBe([null, "YP6302"]);
        // Late once: what it did stays done, and it is asked again.
        var late = 0;
        deployed.Bench.Aws.Functions.Put("w-dispatcher", payload => late++ == 0 ? Task.FromResult((false, """{"errorType": "Yunpipe.Late", "errorMessage": "The call was not done in its time, and comes again."}""")) : deployed.Bench.Lambda.Invoke(payload));
        (await deployed.Do("submit", DeployedCli.Place)).Exit.ShouldBe(0);
        late.ShouldBe(2);
    }

    private static List<string> Sent(DeployedCli deployed, string step) => [.. deployed.Bench.Aws.Sqs.Bodies(step).Select(body => (string)JsonNode.Parse(body)!["job"]!["id"]!)];

    private static List<string> Keys(DeployedCli deployed) => [.. deployed.Bench.Aws.Sqs.Bodies("first").Select(body => (string)JsonNode.Parse(body)!["job"]!["key"]!)];
}
