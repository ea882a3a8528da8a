using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Work;

/// <summary>The agent drains its step's queue, as it does in a task on AWS.</summary>
public sealed class AgentWorkTests
{
    [Fact]
    public async Task What_is_in_the_queue_is_done_once_and_then_the_agent_ends_by_itself()
    {
        await using var bench = await DeploymentBench.Make("echo working on $1; tr a-z A-Z <\"$1\" >\"$2\"");
        for (var i = 0; i < 10; i++) await bench.Send($"p/i {i}+.txt", $"image {i}");
        var twice = await bench.Send("p/i 3+.txt", "image 3");
        using var agent = new WorkingAgent(bench);
        (await agent.Ended()).ShouldBe(0);
        bench.Waiting.ShouldBeEmpty();
        for (var i = 0; i < 10; i++) bench.Result($"p/i {i}+.out").ShouldBe($"IMAGE {i}");
        (await bench.Buckets.Store().Manifests(null, default).ToListAsync()).Count.ShouldBe(10);

        var ended = agent.Lines.Where(line => (string?)line["event"] == "job-ended").ToList();
        ended.Count.ShouldBe(11);
        ended.Count(line => (string?)line["how"] == "done").ShouldBe(10);
        var output = agent.Lines.Where(line => (string?)line["level"] == "output").ToList();
        output.Select(line => ((string)line["text"]!)[..10]).ShouldAllBe(text => text == "working on");
        output.ShouldContain(line => (string?)line["job"] == twice.Id.ToString());
    }

    [Fact]
    public async Task A_job_that_was_made_before_the_step_was_changed_is_dropped_and_not_done_with_the_new_algorithm()
    {
        await using var bench = await DeploymentBench.Make("cp \"$1\" \"$2\"");
        var before = await bench.Send("a.txt", "x");
        await bench.Change("environment: {MODE: fast}");
        var after = await bench.Send("b.txt", "y");
        using var agent = new WorkingAgent(bench);
        (await agent.Ended()).ShouldBe(0);
        bench.Waiting.ShouldBeEmpty();
        (await bench.Manifest(before)).ShouldBeNull();
        (await bench.Manifest(after)).ShouldNotBeNull();
        agent.Lines.ShouldContain(line => ((string?)line["text"] ?? "").Contains("was made before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_of_before_gives_new_jobs_back_and_ends()
    {
        await using var bench = await DeploymentBench.Make("while [ ! -e \"$(dirname \"$0\")/go\" ]; do sleep 0.05; done; cp \"$1\" \"$2\"");
        var before = await bench.Send("a.txt", "x");
        using var agent = new WorkingAgent(bench, new Dictionary<string, string> { ["YUNPIPE_IDLE"] = "600" });
        while (!agent.Lines.Any(line => ((string?)line["text"] ?? "").StartsWith("Working on", StringComparison.Ordinal))) await Task.Delay(50, TestContext.Current.CancellationToken);
        await bench.Change("environment: {MODE: fast}");
        var after = await bench.Send("b.txt", "y");
        await File.WriteAllTextAsync(Path.Combine(bench.Folder, "go"), "", TestContext.Current.CancellationToken);
        (await agent.Ended()).ShouldBe(0);
        // What it had begun it ended.
        (await bench.Manifest(before)).ShouldNotBeNull();
        (await bench.Manifest(after)).ShouldBeNull();
        bench.Waiting.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Each_job_leaves_figures_that_cloudwatch_makes_metrics_of()
    {
        await using var bench = await DeploymentBench.Make("cp \"$1\" \"$2\"");
        await bench.Send("a.txt", "12345");
        using var agent = new WorkingAgent(bench);
        await agent.Ended();
        var line = agent.Lines.Single(line => (string?)line["event"] == "job-ended");
        var described = line["_aws"]!["CloudWatchMetrics"]![0]!;
        ((string?)described["Namespace"]).ShouldBe("Yunpipe");
        described["Dimensions"]!.ToJsonString().ShouldBe("""[["Deployment","Step"]]""");
        foreach (var metric in described["Metrics"]!.AsArray()) line[(string)metric!["Name"]!].ShouldBeAssignableTo<JsonValue>();
        ((int)line["BytesIn"]!, (int)line["BytesOut"]!, (int)line["Done"]!).ShouldBe((5, 5, 1));
    }

    [Fact]
    public async Task The_algorithm_sees_nothing_by_which_it_could_act_for_the_agent_and_is_taken_first_when_memory_ends()
    {
        await using var bench = await DeploymentBench.Make(
            // It is marked the moment after it began.
            "i=0; while [ \"$(cat /proc/self/oom_score_adj)\" != 1000 ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done; { env; echo score=$(cat /proc/self/oom_score_adj); } >\"$2\"");
        await bench.Send("a.txt", "x");
        using var agent = new WorkingAgent(bench, new Dictionary<string, string> { ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/x", ["LAB_SETTING"] = "kept" });
        await agent.Ended();
        var seen = bench.Result("a.out")!.Split('\n');
        seen.ShouldContain("score=1000");
        seen.ShouldContain("LAB_SETTING=kept");
        seen.Where(line => line.StartsWith("AWS_", StringComparison.Ordinal) || line.StartsWith("ECS_", StringComparison.Ordinal)).ShouldBeEmpty();
        // How the agent finds its own certificates is nothing that an algorithm inherits.
        seen.Where(line => line.StartsWith("OPENSSL_CONF=", StringComparison.Ordinal) || line.Contains("/opt/yunpipe", StringComparison.Ordinal)).ShouldBeEmpty();
        seen.Where(line => line.StartsWith("YUNPIPE_", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldStartWith("YUNPIPE_JOB=");
    }

    [Fact]
    public async Task Asked_to_stop_it_gives_its_jobs_back_at_once_and_ends()
    {
        await using var bench = await DeploymentBench.Make("sleep 300");
        await bench.Send("a.txt", "x");
        await bench.Send("b.txt", "x");
        using var agent = new WorkingAgent(bench);
        for (var i = 0; i < 3000 && agent.Lines.Count(line => (string?)line["event"] == "job-started") < 2; i++) await Task.Delay(20);
        agent.Terminate();
        (await agent.Ended()).ShouldBe(122);
        // Nobody has to wait until a lease lapses.
        (await bench.Queue.Lease(10, TimeSpan.Zero, default)).Count.ShouldBe(2);
        agent.Lines.Count(line => (string?)line["how"] == "given-back").ShouldBe(2);
    }

    [Fact]
    public async Task While_one_job_runs_the_next_ones_input_is_brought()
    {
        var fetched = Path.Combine(Path.GetTempPath(), "yunpipe-fetched-" + Guid.NewGuid().ToString("N"));
        // The first job ends only when the input of the other has been asked for.
        await using var bench = await DeploymentBench.Make($"while [ ! -e {fetched} ]; do sleep 0.05; done; cp \"$1\" \"$2\"");
        var asked = 0;
        bench.Aws.Http.Latency = request =>
        {
            if (request.Method == "GET" && request.Path.Contains("/in/", StringComparison.Ordinal) && Interlocked.Increment(ref asked) == 2) File.WriteAllText(fetched, "");
            return TimeSpan.Zero;
        };
        await bench.Send("a.txt", "a");
        await bench.Send("b.txt", "b");
        using var agent = new WorkingAgent(bench);
        (await agent.Ended()).ShouldBe(0);
        (bench.Result("a.out"), bench.Result("b.out")).ShouldBe(("a", "b"));
        File.Delete(fetched);
    }

    [Fact]
    public async Task It_takes_little_memory_from_the_algorithm()
    {
        await using var bench = await DeploymentBench.Make("cp \"$1\" \"$2\"");
        for (var i = 0; i < 60; i++) await bench.Send($"i{i}.txt", new string('x', 100_000));
        using var agent = new WorkingAgent(bench, new Dictionary<string, string> { ["YUNPIPE_IDLE"] = "60" });
        Assert.SkipUnless(agent.IsStatic, "YUNPIPE_BIN does not say where the static agent lies.");
        for (var i = 0; i < 6000 && agent.Lines.Count(line => (string?)line["event"] == "job-ended") < 60; i++) await Task.Delay(20);
        var memory = agent.Memory;
        TestContext.Current.TestOutputHelper?.WriteLine($"{memory / 1e6:0.0} MB after 60 jobs");
        memory.ShouldBeLessThan(40_000_000);
        agent.Terminate();
        (await agent.Ended()).ShouldBe(122);
    }

    [Fact]
    public async Task A_step_that_wants_a_container_for_each_job_gets_one_job()
    {
        await using var bench = await DeploymentBench.Make("cp \"$1\" \"$2\"", ", isolation: job");
        await bench.Send("a.txt", "a");
        await bench.Send("b.txt", "b");
        using var agent = new WorkingAgent(bench);
        (await agent.Ended()).ShouldBe(0);
        bench.Waiting.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_job_that_fails_is_tried_again_and_then_set_aside_with_its_reason()
    {
        await using var bench = await DeploymentBench.Make("echo no nuclei here; exit 3", ", retry: {backoff: 0 s}");
        var job = await bench.Send("a.txt", "a");
        using var agent = new WorkingAgent(bench, new Dictionary<string, string> { ["YUNPIPE_IDLE"] = "3" });
        (await agent.Ended()).ShouldBe(0);
        bench.Waiting.ShouldBeEmpty();
        var failure = await bench.Buckets.Store().FindFailure("work", job.Id, default);
        failure!.Attempts.Count.ShouldBe(2);
        failure.Sentence.ShouldContain("no nuclei here");
        agent.Lines.Single(line => (string?)line["how"] == "set-aside")["text"]!.ToString().ShouldBe(failure.Sentence);
    }

    [Fact]
    public async Task A_log_that_nobody_reads_stops_no_job_and_tells_how_much_it_left_out()
    {
        await using var bench = await DeploymentBench.Make("i=0; while [ $i -lt 20000 ]; do echo a line that fills the pipe to the reader of the log $i; i=$((i+1)); done; cp \"$1\" \"$2\"");
        await bench.Send("a.txt", "a");
        using var agent = new WorkingAgent(bench, listens: false);
        (await agent.Ended()).ShouldBe(0);
        bench.Result("a.out").ShouldBe("a");
    }

    [Fact]
    public async Task Under_faults_every_job_is_done_and_its_manifest_written_once()
    {
        var faults = new Faults(0.05, seed: 5);
        var aws = new SmallAws(faults) { Suspended = true };
        aws.Http.Hang = TimeSpan.FromSeconds(2);
        aws.Sqs.Deliveries = 2;
        await using var bench = await DeploymentBench.Make("cp \"$1\" \"$2\"", aws: aws);
        for (var i = 0; i < 40; i++) await bench.Send($"i{i}.txt", $"image {i}");
        var manifests = 0;
        aws.S3.Happened += happened =>
        {
            if (happened.Key.StartsWith("_yunpipe/manifests/", StringComparison.Ordinal) && happened.Created) Interlocked.Increment(ref manifests);
        };
        aws.Suspended = false;
        using var one = new WorkingAgent(bench, new Dictionary<string, string> { ["YUNPIPE_IDLE"] = "4" });
        using var two = new WorkingAgent(bench, new Dictionary<string, string> { ["YUNPIPE_IDLE"] = "4" });
        await Task.WhenAll(one.Ended(), two.Ended());
        aws.Suspended = true;
        manifests.ShouldBe(40);
        for (var i = 0; i < 40; i++) bench.Result($"i{i}.out").ShouldBe($"image {i}");
        faults.Made.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData("YUNPIPE_STEP", "nothing", 118, "no step “nothing”")]
    [InlineData("YUNPIPE_DEPLOYMENT", "s3://yunpipe-none/x.json", 118, "YP6010")]
    [InlineData("YUNPIPE_IDLE", "soon", 120, "number of seconds")]
    public async Task What_a_task_definition_gets_wrong_is_one_sentence_and_an_exit_code(string name, string value, int code, string says)
    {
        await using var bench = await DeploymentBench.Make("cp \"$1\" \"$2\"");
        using var agent = new WorkingAgent(bench, new Dictionary<string, string> { [name] = value });
        (await agent.Ended()).ShouldBe(code);
        agent.Lines.Where(line => (string?)line["level"] == "error").ShouldHaveSingleItem()["text"]!.ToString().ShouldContain(says);
    }
}
