using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Work;

namespace Yunpipe.Aws.Tests.Commands;

/// <summary>What jobs wrote, and what tasks write.</summary>
public sealed class LogsTests
{
    private const string Group = "w-first-log";

    [Fact]
    public async Task A_job_prints_its_own_lines_by_any_of_its_names()
    {
        await using var deployed = await Ran();
        var failed = JsonNode.Parse((await deployed.Do("failures", DeployedCli.Place, "--json")).Out)!["failures"]![0]!;
        var (bad, good) = ((string)failed["job"]!, Done(deployed));
        var now = DateTimeOffset.UtcNow;
        deployed.Bench.Aws.Logs.Write(Group, "task/a", now, $$"""{"level":"info","event":"job-started","job":"{{good}}","key":"good.tif"}""");
        for (var n = 0; n < 8; n++) deployed.Bench.Aws.Logs.Write(Group, "task/a", now.AddMilliseconds(n), $$"""{"level":"output","job":"{{(n % 2 == 0 ? good : bad)}}","text":"line {{n}}"}""");
        deployed.Bench.Aws.Logs.Write(Group, "task/a", now.AddMilliseconds(9), $$"""{"level":"output","job":"{{bad}}","jobs":["{{bad}}","{{good}}"],"text":"of both"}""");
        deployed.Bench.Aws.Logs.Write(Group, "task/a", now.AddMilliseconds(10), $$"""{"level":"output","job":"{{bad}}","text":"speaks of {{good}}"}""");
        const string wrote = "line 0\nline 2\nline 4\nline 6\nof both\n";
        foreach (var name in (string[])["first/good.tif", good, good[..6]])
            (await deployed.Do("logs", name, "-o", DeployedCli.Place)).ShouldBe((0, wrote, ""));
        ((string?)JsonNode.Parse((await deployed.Do("logs", "first/good.tif", "-o", DeployedCli.Place, "--json")).Out)!["text"]).ShouldBe(wrote);
        (await deployed.Do("logs", "bad.tif", "-o", DeployedCli.Place)).Out.ShouldStartWith("line 1\nline 3\n");
        (await deployed.Do("logs", "good.tif", "-o", DeployedCli.Place)).Error.ShouldStartWith("YP5012: “good.tif” can be 2 jobs: first/good.tif");
        (await deployed.Do("logs", "s3://results/" + deployed.Bench.Results().Single().Split(':')[0], "-o", DeployedCli.Place)).Error.ShouldBe("second/good.tif wrote nothing, or its log is not kept any more.\n");
        // Of one attempt, which is known by its time.
        var attempt = (string)failed["attempts"]![0]!["id"]!;
        (await deployed.Do("logs", "bad.tif", "-o", DeployedCli.Place, "--attempt", attempt)).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Where_the_log_says_nothing_its_record_does()
    {
        await using var deployed = await Ran();
        await deployed.Check("logs-tail", ["logs", "bad.tif", "-o", DeployedCli.Place], ["logs", "nobody", "-o", DeployedCli.Place], ["logs", "bad.tif", "-o", DeployedCli.Place, "--attempt", "x"], ["logs", "./out", "--follow"]);
        deployed.Bench.Aws.Logs.Drop(Group);
        (await deployed.Do("logs", "bad.tif", "-o", DeployedCli.Place)).Error.ShouldContain("The log cannot be read: logs refused FilterLogEvents: The specified log group does not exist (ResourceNotFoundException).");
    }

    [Fact]
    public async Task The_lines_of_a_real_task_are_read()
    {
        await using var bench = await DeploymentBench.Make("echo \"reads $(basename \"$1\")\"; echo to the other side >&2; cp \"$1\" \"$2\"", logs: "work-log");
        await bench.Send("a b.txt", "a");
        await bench.Send("c.txt", "c");
        using (var agent = new WorkingAgent(bench))
        {
            (await agent.Ended()).ShouldBe(0);
            foreach (var line in agent.Lines) bench.Aws.Logs.Write("work-log", "task/algorithm/1", DateTimeOffset.Parse((string)line["time"]!, System.Globalization.CultureInfo.InvariantCulture), line.ToJsonString());
        }
        await using var cli = new Cli.CloudCli(bench.Aws);
        var said = await cli.Do("logs", "work/a b.txt", "-o", $"s3://{bench.Buckets.Work.Name}");
        (said.Exit, said.Error).ShouldBe((0, ""));
        said.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["reads a b.txt", "to the other side"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_job_that_runs_prints_what_it_has_written_so_far()
    {
        await using var bench = await DeploymentBench.Make("echo \"reads $(basename \"$1\")\"; while [ ! -e \"$0.go\" ]; do sleep 0.05; done; cp \"$1\" \"$2\"", logs: "work-log");
        var job = await bench.Send("it's a \"b*\" +ä.txt", "a");
        using var agent = new WorkingAgent(bench);
        var handed = 0;
        void Hand()
        {
            foreach (var line in agent.Lines.Skip(handed).ToList()) bench.Aws.Logs.Write("work-log", $"task/algorithm/{handed++}", DateTimeOffset.UtcNow, line.ToJsonString());
        }
        for (var i = 0; i < 1500 && agent.Lines.All(line => (string?)line["level"] != "output"); i++) await Task.Delay(20);
        Hand();
        await using var cli = new Cli.CloudCli(bench.Aws);
        var place = $"s3://{bench.Buckets.Work.Name}";
        const string wrote = "reads it's a \"b*\" +ä.txt\n";
        foreach (var name in (string[])["it's a \"b*\" +ä.txt", "work/it's a \"b*\" +ä.txt", $"{place}/in/it's a \"b*\" +ä.txt", job.Id.ToString(), job.Id.ToString()[..7]])
            (await cli.Do("logs", name, "-o", place)).ShouldBe((0, wrote, "work/it's a \"b*\" +ä.txt still runs. What it has written so far:\n"), name);
        var told = JsonNode.Parse((await cli.Do("logs", job.Id.ToString(), "-o", place, "--json")).Out)!;
        ((string?)told["state"], (string?)told["text"]).ShouldBe(("running", wrote));
        (await cli.Do("logs", "another.txt", "-o", place)).Error.ShouldStartWith("YP5011");
        // Its worker is stopped: the job waits for another.
        agent.Terminate();
        (await agent.Ended()).ShouldBe(122);
        Hand();
        (await cli.Do("logs", job.Id.ToString(), "-o", place)).ShouldBe((0, wrote, "work/it's a \"b*\" +ä.txt waits to be tried again. What it wrote:\n"));
    }

    [Fact]
    public async Task Of_an_item_that_was_done_and_came_anew_the_job_that_runs_is_meant()
    {
        await using var deployed = await Ran();
        var (old, fresh) = (Done(deployed), new string('b', 32));
        deployed.Bench.Aws.Ecs.Begins = null;
        deployed.Bench.Aws.Logs.Write(Group, "task/a", DateTimeOffset.UtcNow, $$"""{"level":"info","event":"job-started","job":"{{fresh}}","key":"good.tif"}""");
        // Nobody has a message of the step in his hands: then nothing runs, whatever the log says.
        (await deployed.Do("logs", "first/good.tif", "-o", DeployedCli.Place)).Error.ShouldStartWith("first/good.tif wrote nothing");
        deployed.Bench.Aws.Sqs.Put("first", "x");
        await deployed.Bench.Aws.Sqs.Answer("ReceiveMessage", new Emulator.HttpRequest("POST", "/", new Dictionary<string, string>(), new Dictionary<string, string>(), """{"QueueUrl": "http://aws/0/first", "VisibilityTimeout": 600}"""u8.ToArray()), "http://aws");
        (await deployed.Do("logs", "first/good.tif", "-o", DeployedCli.Place)).Error.ShouldBe("first/good.tif still runs, and has written nothing so far.\n");
        (await deployed.Do("logs", old, "-o", DeployedCli.Place)).Error.ShouldStartWith("first/good.tif wrote nothing");
    }

    [Fact]
    public async Task Followed_lines_of_all_tasks_come_as_they_are_written_each_once()
    {
        await using var deployed = await DeployedCli.Open();
        using var process = deployed.Cli.Start("logs", DeployedCli.Place, "--follow");
        var job = new string('b', 32);
        void Write(string group, string json) => deployed.Bench.Aws.Logs.Write(group, "task/1", DateTimeOffset.UtcNow, json);
        async Task<string> Next() => (await process.StandardOutput.ReadLineAsync())![9..];
        Write(Group, $$"""{"level":"info","event":"job-started","job":"{{job}}","key":"a.tif"}""");
        (await Next()).ShouldBe("first  a.tif  started");
        Write("w-second-log", "Illegal instruction");
        (await Next()).ShouldBe("second  Illegal instruction");
        Write(Group, $$"""{"level":"output","job":"{{job}}","text":"half\tway"}""");
        (await Next()).ShouldBe("first  a.tif  half\\u0009way");
        // Several looks later nothing has come twice.
        var calls = deployed.Bench.Aws.Logs.Calls;
        while (deployed.Bench.Aws.Logs.Calls < calls + 6) await Task.Delay(50);
        Write(Group, $$"""{"level":"error","event":"job-ended","job":"{{job}}","key":"a.tif","how":"set-aside","text":"It ended with 3."}""");
        (await Next()).ShouldBe("first  a.tif  set-aside: It ended with 3.");
        DeployedCli.Interrupt(process);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(130, await process.StandardError.ReadToEndAsync());
        (await process.StandardOutput.ReadToEndAsync()).ShouldBe("");
        (await deployed.Do("logs", DeployedCli.Place, "--follow", "--step", "third")).Error.ShouldStartWith("YP6020");
    }

    /// <summary>One image done, one set aside.</summary>
    private static async Task<DeployedCli> Ran()
    {
        var deployed = await DeployedCli.Open(cluster: true);
        deployed.Bench.Local.Launcher.Programs["copy"] = call =>
        {
            if (call.Read(1) == "poison") return 3;
            call.Write(call.Arguments[2], call.Read(1));
            return 0;
        };
        deployed.Bench.Upload("good.tif", "fine");
        deployed.Bench.Upload("bad.tif", "poison");
        for (var minute = 0; deployed.Bench.Keys("_yunpipe/failures/").Count < 1 || deployed.Bench.Results().Count < 1; minute++)
        {
            minute.ShouldBeLessThan(300);
            await deployed.Bench.Deliver();
            await deployed.Bench.Minute();
            await Task.Delay(50);
        }
        return deployed;
    }

    private static string Done(DeployedCli deployed) => deployed.Bench.Keys("_yunpipe/manifests/first/").Single()[^37..^5];
}
