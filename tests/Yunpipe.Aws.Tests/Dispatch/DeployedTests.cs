using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>Upload an image, the result appears: the dispatcher with everything around it, against a run on one machine.</summary>
public sealed class DeployedTests
{
    private const string Chain = """
        name: w
        input: {location: ./in, include: ["**/*.tif", "*.tif"]}
        steps: [{name: first, algorithm: copy}, {name: second, algorithm: upper}]
        """;

    private const string Plates = """
        name: w
        input: {location: ./in, pattern: "{plate}/{well}.tif"}
        steps:
          - {name: each, algorithm: copy, inputs: {image: input}}
          - {name: all, algorithm: join, inputs: {parts: each}, gather: {by: "${plate}", missing: skip}}
          - {name: last, algorithm: upper, inputs: {image: each}}
        """;

    [Fact]
    public async Task Two_hundred_images_have_every_result_once_and_the_bytes_of_a_local_run()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        for (var n = 0; n < 200; n++) bench.Upload($"p{n % 7}/image {n}.tif", $"content {n}");
        await bench.Local.Run(Chain);
        await bench.Settle();
        bench.Results().Count.ShouldBe(200);
        bench.Keys("_yunpipe/manifests/").Count.ShouldBe(400);
        bench.Aws.Ecs.Tasks.Count.ShouldBeLessThan(60);
        foreach (var line in bench.Logged.Split('\n', StringSplitOptions.RemoveEmptyEntries)) JsonNode.Parse(line)!["time"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_job_behind_a_groups_result_whose_message_is_missing_is_found_by_the_sweep()
    {
        const string behind = """
            name: w
            input: {location: ./in, pattern: "{plate}/{well}.tif"}
            steps:
              - {name: all, algorithm: join, inputs: {parts: input}, gather: {by: "${plate}", missing: skip}}
              - {name: last, algorithm: upper, inputs: {image: all}}
            """;
        await using var bench = await (await CloudBench.Open(behind)).Dispatching();
        for (var n = 0; n < 3; n++) bench.Upload($"P1/{n}.tif", $"content {n}");
        await bench.Local.Run(behind);
        await bench.Settle();
        var (work, results) = (bench.Aws.S3.Bucket("work"), bench.Aws.S3.Bucket("results"));
        // As if nobody had ever told of the group's result: what is behind it has no record, no message, and was never sent.
        lock (work.Gate)
            foreach (var key in bench.Keys("_yunpipe/").Where(key => key.Contains("/last/", StringComparison.Ordinal) || key.StartsWith("_yunpipe/dispatch/sent/", StringComparison.Ordinal) || key.StartsWith("_yunpipe/views/", StringComparison.Ordinal)).ToList())
                work.Delete(key);
        lock (results.Gate)
            foreach (var key in results.After("").ToList()) results.Delete(key);
        bench.TakeHappened();
        await bench.Settle(minutes: 400);
        bench.Results().Count.ShouldBe(1);
    }

    [Fact]
    public async Task One_upload_starts_one_task_and_nothing_runs_in_the_end()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        bench.Upload("a.tif", "one");
        await bench.Deliver();
        bench.Aws.Ecs.Tasks.Count.ShouldBe(1);
        await bench.Local.Run(Chain);
        await bench.Settle();
        bench.Aws.Ecs.Tasks.Count.ShouldBe(2);
        for (var minute = 0; minute < 10 && bench.Aws.Ecs.Live.Count > 0; minute++)
        {
            await bench.Minute();
            await Task.Delay(200);
        }
        bench.Aws.Ecs.Live.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_calls_fail_and_events_are_doubled_shuffled_and_lost_nothing_else_is_different()
    {
        var faults = new Faults(0.05, 7);
        await using var bench = await CloudBench.Open(Plates, faults);
        bench.Aws.Sqs.Deliveries = 2;
        bench.Time.Ahead = TimeSpan.FromMinutes(-5);
        await bench.Dispatching();
        var random = new Random(11);
        for (var n = 0; n < 40; n++) bench.Upload($"P{n % 3}/w{n:00}.tif", n == 5 ? "poison" : $"content {n}");
        bench.Local.Launcher.Programs["copy"] = call =>
        {
            if (call.Read(1) == "poison") return 3;
            call.Write(call.Arguments[2], call.Read(1));
            return 0;
        };
        // While the first versions are worked on, some come anew.
        await bench.Deliver();
        for (var n = 0; n < 6; n++) bench.Upload($"P{(n + 10) % 3}/w{n + 10:00}.tif", $"corrected {n}");
        await bench.Local.Run(Plates);
        await bench.Settle(events => [.. events.Where(_ => random.NextDouble() > 0.2).SelectMany(happened => random.NextDouble() < 0.3 ? [happened, happened] : (S3Event[])[happened]).OrderBy(_ => random.Next())]);
        faults.Made.ShouldBeGreaterThan(20);
        bench.Results().Count.ShouldBe(3 + 39);
        bench.Keys("_yunpipe/failures/").Count.ShouldBe(1);
        bench.ManifestWrites.ShouldAllBe(writes => writes == 1);
    }

    [Fact]
    public async Task A_dispatcher_that_finds_no_deployment_says_so_and_does_not_start()
    {
        await using var bench = await CloudBench.Open(Chain);
        lock (bench.Aws.S3.Bucket("work").Gate) bench.Aws.S3.Bucket("work").Delete("_yunpipe/deployment.json");
        (await bench.Loop().Run(default)).ShouldBe(1);
        JsonNode.Parse(await bench.Lambda.FailedToStart)!["errorMessage"]!.ToString().ShouldBe("YP6010: There is no deployment at s3://work/_yunpipe/deployment.json. Name the place of a deployment's records, as “yunpipe deploy” told it.");
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_fails_alone()
    {
        await using var bench = await (await CloudBench.Open(Chain, cluster: false)).Dispatching();
        bench.Upload("a.tif", "x");
        var good = EventForms.Bridged(bench.TakeHappened().Single()).ToJsonString();
        var (_, text) = await bench.Lambda.Invoke(EventForms.Queued([("good", good), ("bad", "nonsense")]).ToJsonString());
        JsonNode.Parse(text)!["batchItemFailures"]!.ToJsonString().ShouldBe("""[{"itemIdentifier":"bad"}]""");
        bench.Aws.Sqs.Bodies("first").Count.ShouldBe(1);
        (await bench.Lambda.Invoke("{}")).Good.ShouldBeFalse();
        JsonNode.Parse((await bench.Lambda.Invoke("""{"yunpipe": "dance"}""")).Text)!["errorMessage"]!.ToString().ShouldBe("The dispatcher does not know the request “dance”; it knows submit, retry and minute.");
        // After all this it still answers.
        (await bench.Lambda.Invoke(EventForms.Queued([("again", good)]).ToJsonString())).ShouldBe((true, """{"batchItemFailures":[]}"""));
        bench.Aws.Sqs.Bodies("first").Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_lies_in_the_bucket_already_is_submitted_and_counted_first()
    {
        await using var bench = await (await CloudBench.Open(Chain, cluster: false)).Dispatching();
        for (var n = 0; n < 5; n++) bench.Upload($"old/{n}.tif", "12345");
        bench.TakeHappened();
        JsonNode.Parse((await bench.Lambda.Invoke("""{"yunpipe": "submit", "prefix": "old/", "dryRun": true}""")).Text)!.ToJsonString()
            .ShouldBe("""{"files":5,"bytes":25,"sent":0,"jobs":{"first":5},"problems":[]}""");
        bench.Aws.Sqs.Bodies("first").ShouldBeEmpty();
        JsonNode.Parse((await bench.Lambda.Invoke("""{"yunpipe": "submit", "keys": ["old/3.tif"]}""")).Text)!["sent"]!.GetValue<int>().ShouldBe(1);
        bench.Aws.Sqs.Bodies("first").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_spot_warning_stops_the_tasks_of_that_instance_and_no_others()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        bench.Aws.Ecs.Begins = null;
        bench.Aws.Ecs.Machines.Add(("arn:machine", "i-7", "FARGATE_SPOT"));
        bench.Upload("a.tif", "x");
        await bench.Deliver();
        bench.Aws.Ecs.Live.Count.ShouldBe(1);
        string Warning(string id) => EventForms.Queued([("w", $$$"""{"source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning", "detail": {"instance-id": "{{{id}}}"}}""")]).ToJsonString();
        await bench.Lambda.Invoke(Warning("i-8"));
        bench.Aws.Ecs.Live.Count.ShouldBe(1);
        await bench.Lambda.Invoke(Warning("i-7"));
        bench.Aws.Ecs.Tasks.Single().Stopped.ShouldBe("The spot instance is taken back.");
    }

    [Fact]
    public async Task Where_spot_has_no_room_the_steady_capacity_is_asked_and_the_reason_is_said()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        bench.Aws.Ecs.Begins = null;
        bench.Aws.Ecs.Full["FARGATE_SPOT"] = "Capacity is unavailable at this time.";
        bench.Upload("a.tif", "x");
        await bench.Deliver();
        bench.Aws.Ecs.Live.ShouldBeEmpty();
        (await bench.Minute())["started"]!.GetValue<int>().ShouldBe(1);
        bench.Aws.Ecs.Live.Single().Capacity.ShouldBe("FARGATE");
        bench.Logged.ShouldContain("FARGATE_SPOT has no task for “first”: Capacity is unavailable at this time.".Replace("“", "\\u201C", StringComparison.Ordinal).Replace("”", "\\u201D", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_ran_out_of_memory_gets_a_larger_task_that_is_told_its_size()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        bench.Aws.Ecs.Begins = null;
        bench.Upload("a.tif", "x");
        await bench.Deliver();
        await bench.OutOfMemory("first", mebibytes: 2000);
        await bench.Minute();
        await bench.Minute();
        var larger = bench.Aws.Ecs.Tasks.Single(task => task.Overrides is not null);
        // Twice as much, in whole GiB, and the agent's own beside it.
        JsonNode.Parse(larger.Overrides!.ToJsonString())!.ToJsonString().ShouldBe(
            """{"cpu":"1024","memory":"5120","containerOverrides":[{"name":"algorithm","environment":[{"name":"YUNPIPE_MEMORY","value":"4294967296"}]}]}""");
        bench.Aws.Ecs.Tasks.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Two_dispatchers_at_once_start_the_tasks_of_one()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        await bench.Dispatching();
        bench.Aws.Ecs.Begins = null;
        for (var n = 0; n < 20; n++) bench.Upload($"{n}.tif", "x");
        var events = bench.TakeHappened();
        bench.Shots = 2;
        await Task.WhenAll(bench.Deliver([.. events.Take(10)]), bench.Deliver([.. events.Skip(10)]), bench.Minute(), bench.Minute());
        // Each job is sent; one that both were about to send may be there twice, which its manifest makes harmless.
        bench.Aws.Sqs.Bodies("first").Select(body => JsonNode.Parse(body)!["job"]!["id"]!.GetValue<string>()).Distinct().Count().ShouldBe(20);
        bench.Aws.Ecs.Live.Count.ShouldBeInRange(1, 3);
    }

    [Fact]
    public async Task A_start_whose_answer_is_lost_is_made_once()
    {
        var lost = new ScriptedFaults { When = request => request.Header("X-Amz-Target")?.EndsWith("RunTask", StringComparison.Ordinal) == true ? Fault.LostAnswer : Fault.None };
        await using var bench = await CloudBench.Open(Chain);
        bench.Aws.Script = lost;
        await bench.Dispatching();
        bench.Aws.Ecs.Begins = null;
        bench.Upload("a.tif", "x");
        await bench.Deliver();
        lost.Made.ShouldBe(1);
        bench.Aws.Ecs.RunCalls.ShouldBe(2);
        bench.Aws.Ecs.Tasks.Count.ShouldBe(1);
    }
}
