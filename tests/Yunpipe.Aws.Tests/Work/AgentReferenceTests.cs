using System.Text;
using Yunpipe.Aws.Tests.Cli;

namespace Yunpipe.Aws.Tests.Work;

/// <summary>Reference data of a deployment, as a worker of it finds it: fetched once, whatever lies at the place it once came from.</summary>
public sealed class AgentReferenceTests
{
    private static async Task<DeploymentBench> Make()
    {
        var bench = await DeploymentBench.Make("""cat "$1" "$3" "$4/a.txt" "$4/b/c d.txt" >"$2" """);
        await bench.Buckets.Work.Put("references/w/1/net.pt", "net "u8.ToArray(), default);
        foreach (var (key, text) in ((string, string)[])[("a.txt", "left "), ("b/", ""), ("b/c d.txt", "right")]) await bench.Buckets.Work.Put("references/w/2/atlas/" + key, Encoding.UTF8.GetBytes(text), default);
        bench.References = new Dictionary<string, string> { ["sha256:1111111111111111111"] = $"s3://{bench.Buckets.Work.Name}/references/w/1/net.pt", ["sha256:2222222222222222222"] = $"s3://{bench.Buckets.Work.Name}/references/w/2/atlas/" };
        bench.Words = """, "${model}", "${atlas}" """;
        await bench.Change("""variables: {model: {type: file, default: "sha256:1111111111111111111"}, atlas: {type: directory, default: "sha256:2222222222222222222"} } """);
        return bench;
    }

    [Fact]
    public async Task A_file_and_a_directory_are_fetched_once_for_all_jobs()
    {
        await using var bench = await Make();
        var fetched = 0;
        bench.Aws.Http.Latency = request =>
        {
            if (request.Method == "GET" && request.Path.EndsWith("net.pt", StringComparison.Ordinal)) Interlocked.Increment(ref fetched);
            return TimeSpan.Zero;
        };
        for (var n = 0; n < 5; n++) await bench.Send($"{n}.txt", $"{n} ");
        using var agent = new WorkingAgent(bench);
        (await agent.Ended()).ShouldBe(0);
        for (var n = 0; n < 5; n++) bench.Result($"{n}.out").ShouldBe($"{n} net left right");
        fetched.ShouldBe(1);
    }

    [Fact]
    public async Task A_workstation_as_a_worker_finds_them_too()
    {
        await using var bench = await Make();
        for (var n = 0; n < 3; n++) await bench.Send($"{n}.txt", $"{n} ");
        await using var cli = new CloudCli(bench.Aws);
        var worked = await cli.Do("worker", $"s3://{bench.Buckets.Work.Name}", "--idle", "1", "--launcher", "process");
        worked.Exit.ShouldBe(0, worked.Error);
        worked.Out.ShouldBe("3 jobs done, 0 set aside.\n");
        for (var n = 0; n < 3; n++) bench.Result($"{n}.out").ShouldBe($"{n} net left right");
    }

    [Fact]
    public async Task Data_that_is_not_there_any_more_is_told_and_the_jobs_stay_in_the_queue()
    {
        await using var bench = await Make();
        await bench.Buckets.Work.Delete("references/w/1/net.pt", default);
        await bench.Send("a.txt", "a");
        using var agent = new WorkingAgent(bench);
        (await agent.Ended()).ShouldNotBe(0);
        agent.Lines.ShouldContain(line => ((string?)line["text"] ?? "").Contains("net.pt is not there", StringComparison.Ordinal));
        bench.Waiting.Count.ShouldBe(1);
    }
}
