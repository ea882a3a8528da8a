using System.Text.RegularExpressions;
using Yunpipe.Aws.Tests.Commands;

namespace Yunpipe.Aws.Tests.Deploying;

/// <summary>What a person does with what <c>yunpipe deploy</c> made: the names that the stack gave, the dispatcher behind its function, the logs of its tasks.</summary>
public sealed class StandingCommandsTests
{
    private const string Name = DeployBench.Name;

    /// <summary>Says what it reads, takes a moment, and copies.</summary>
    private const string Telling = "echo \"reads $$(basename \"$$1\")\"; sleep 1; cp \"$$1\" \"$$2\"";

    [Fact]
    public async Task What_lay_there_before_is_submitted_followed_and_looked_at()
    {
        var bin = StandingStack.Published();
        await using var bench = await Deployed(Telling);
        var stack = bench.Aws.Stacks.Find("yunpipe-" + Name)!;
        // Nobody hears of these: the stack is put to work afterwards.
        for (var n = 0; n < 6; n++) bench.Cli.Put(stack.Resources["InputBucket"], $"plate 1/{n}+ä.tif", $"content {n}");
        await using var standing = new StandingStack(bench.Aws, stack, bench.Registry.Host, bin, bench.Cli.Folder);
        await standing.Ready();
        var asked = await bench.Cli.Do("submit", Name, "--dry-run");
        asked.Out.ShouldStartWith("6 files, 54 B. Nothing was sent.\nSTEP   OPEN JOBS\nfirst          6\n", customMessage: asked.Error);
        standing.Keys("WorkBucket", "_yunpipe/dispatch/sent/").ShouldBeEmpty();
        using var following = bench.Cli.Start("logs", Name, "--follow");
        bench.Write("list.txt", $"plate 1/0+ä.tif\ns3://{stack.Resources["InputBucket"]}/plate 1/1+ä.tif\n");
        (await bench.Cli.Do("submit", Name, "--list", "list.txt")).Out.ShouldBe("2 files looked at (18 B), 2 jobs sent.\n");
        (await bench.Cli.Do("submit", Name)).Out.ShouldStartWith("6 files looked at (54 B), ");
        await standing.Until(() => standing.Keys("ResultsBucket").Count == 6, TimeSpan.FromMinutes(4));
        foreach (var queue in (string[])["StepFirstQueue", "StepSecondQueue"])
            bench.Aws.Sqs.EverSent(stack.Resources[queue].Split('/')[^1]).Count.ShouldBe(6, "what is on its way is not sent again");

        var status = await bench.Cli.Do("status", Name);
        status.Exit.ShouldBe(0, status.Error);
        foreach (var step in (string[])["first ", "second"]) Regex.IsMatch(status.Out, $@"(?m)^{step} +0 +0 +6 +0 ").ShouldBeTrue(status.Out);
        (await bench.Cli.Do("logs", "first/plate 1/3+ä.tif", "-o", Name)).ShouldBe((0, "reads 3+ä.tif\n", ""));
        (await bench.Cli.Do("logs", $"s3://{stack.Resources["ResultsBucket"]}/{standing.Keys("ResultsBucket")[5]}", "-o", Name)).ShouldBe((0, "reads 5+ä.copy\n", ""));

        // A record that somebody removed by hand: the step before it has nothing to do.
        var (work, lost) = (bench.Aws.S3.Bucket(stack.Resources["WorkBucket"]), standing.Keys("WorkBucket", "_yunpipe/manifests/second/")[0]);
        lock (work.Gate) work.Delete(lost);
        (await bench.Cli.Do("submit", Name, "--from-step", "second", "--again")).Out.ShouldStartWith("6 files looked at (54 B), 1 job sent.");
        await standing.Until(() => standing.Keys("WorkBucket", lost).Count == 1, TimeSpan.FromMinutes(2));

        DeployedCli.Interrupt(following);
        var followed = await following.StandardOutput.ReadToEndAsync();
        await following.WaitForExitAsync();
        following.ExitCode.ShouldBe(130, await following.StandardError.ReadToEndAsync());
        for (var n = 0; n < 6; n++)
            foreach (var line in (string[])[$"first  plate 1/{n}+ä.tif  reads {n}+ä.tif", $"first  plate 1/{n}+ä.tif  done"])
                Regex.Count(followed, $"(?m)^[0-9:]{{8}} {Regex.Escape(line)}$").ShouldBe(1, $"{line}\n{followed}");
    }

    [Fact]
    public async Task What_failed_is_listed_read_and_tried_again()
    {
        var bin = StandingStack.Published();
        // It asks a service that is down at first.
        await using var bench = await Deployed("wget -q -O /dev/null $$3/service/up 2>/dev/null || { echo \"the service is down for $$(basename \"$$1\")\"; exit 3; }; cp \"$$1\" \"$$2\"");
        bench.Aws.S3.Bucket("service");
        var stack = bench.Aws.Stacks.Find("yunpipe-" + Name)!;
        await using var standing = new StandingStack(bench.Aws, stack, bench.Registry.Host, bin, bench.Cli.Folder);
        await standing.Ready();
        for (var n = 0; n < 3; n++) bench.Cli.Put(stack.Resources["InputBucket"], $"{n} x.tif", $"content {n}");
        await standing.Until(() => standing.Keys("WorkBucket", "_yunpipe/failures/").Count == 3, TimeSpan.FromMinutes(4));

        var status = await bench.Cli.Do("status", Name);
        status.Exit.ShouldBe(3, status.Error);
        Regex.IsMatch(status.Out, "(?m)^first +0 +0 +0 +3 ").ShouldBeTrue(status.Out);
        var failures = await bench.Cli.Do("failures", Name);
        failures.Exit.ShouldBe(3, failures.Error);
        failures.Out.ShouldContain("3 set aside: 3 exit-code.");
        failures.Out.ShouldContain("the service is down for 2 x.tif");
        var log = await bench.Cli.Do("logs", "1 x.tif", "-o", Name);
        (log.Exit, log.Out).ShouldBe((0, "the service is down for 1 x.tif\nthe service is down for 1 x.tif\n"), log.Error);
        log.Error.ShouldStartWith("first/1 x.tif was set aside: The algorithm ended with exit code 3");

        bench.Cli.Put("service", "up", "yes");
        (await bench.Cli.Do("failures", Name, "--retry", "1 x.tif")).Out.ShouldBe("1 failure forgotten, 1 job sent.\n");
        (await bench.Cli.Do("failures", Name, "--retry")).Out.ShouldBe("2 failures forgotten, 2 jobs sent.\n");
        await standing.Until(() => standing.Keys("ResultsBucket").Count == 3, TimeSpan.FromMinutes(4));
        (await bench.Cli.Do("failures", Name)).ShouldBe((0, "Nothing is set aside.\n", ""));
        (await bench.Cli.Do("status", Name)).Exit.ShouldBe(0);
    }

    /// <summary>Two steps of one script, which gets the image, the result, and the address of everything.</summary>
    private static async Task<DeployBench> Deployed(string script)
    {
        var bench = await DeployBench.Open();
        bench.Write("workflow.yaml", $"name: {Name}\ninput: {{location: ./in, include: [\"**/*.tif\", \"*.tif\"]}}\nsteps: [{{name: first, algorithm: ./tell.yaml}}, {{name: second, algorithm: ./tell.yaml}}]\noutput: ./out\n");
        bench.Write("tell.yaml", $"name: tell\nimage: \"docker-daemon:yunpipe-test:latest\"\ncommand: [/bin/busybox, sh, -c, '{script}', sh, '${{image}}', '${{out}}/${{stem}}.copy', '{bench.Aws.Http.Url}']\ninputs: [image]\noutputs: {{out: '${{stem}}.copy'}}\nretry: {{backoff: 0 s}}\n");
        await bench.Deployed("--most-tasks", "2");
        return bench;
    }
}
