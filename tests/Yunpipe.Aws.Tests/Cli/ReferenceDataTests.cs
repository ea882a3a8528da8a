using System.Diagnostics;
using System.Text;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Cli;

/// <summary>Models and atlases in a bucket, as a person uses them: brought here once, known by their content, told where they cannot be had.</summary>
public sealed class ReferenceDataTests
{
    private const string Model = "models/v1/net.pt";

    /// <summary>A step that reads a model and an atlas of two files, and one behind it that reads neither.</summary>
    private static void Write(CloudCli cli, string model, string atlas)
    {
        File.WriteAllText(Path.Combine(cli.Folder, "use.sh"), "#!/bin/sh\necho use >>\"$(dirname \"$0\")/ran\"\ncat \"$1\" \"$2\" \"$3/a.txt\" \"$3/b/c d.txt\" >\"$4\"\n");
        File.SetUnixFileMode(Path.Combine(cli.Folder, "use.sh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(cli.Folder, "use.yaml"), $$"""
            {name: use, command: [use.sh, "${image}", "${model}", "${atlas}", "${out}/${stem}.used"], inputs: [image], outputs: {out: "${stem}.used"},
             variables: {model: {type: file, default: "{{model}}"}, atlas: {type: directory, default: "{{atlas}}"} } }
            """);
        File.WriteAllText(Path.Combine(cli.Folder, "models.yaml"), "{input: ./in, steps: [{name: upper, algorithm: ./upper.yaml}, {name: use, algorithm: ./use.yaml}], output: ./out}\n");
    }

    private static void Local(CloudCli cli, string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(cli.Folder, path))!);
        File.WriteAllText(Path.Combine(cli.Folder, path), text);
    }

    private static CloudCli Open(SmallAws? aws = null)
    {
        var cli = new CloudCli(aws);
        foreach (var name in "abc") Local(cli, $"in/{name}.txt", $"{name} ");
        cli.Put("lab", Model, "net ");
        cli.Put("lab", "atlas/a.txt", "left ");
        cli.Put("lab", "atlas/b/c d.txt", "right");
        cli.Put("lab", "atlas/b/", "");
        Write(cli, $"s3://lab/{Model}", "s3://lab/atlas/");
        return cli;
    }

    private static IEnumerable<string> Copies(CloudCli cli, string name) =>
        Directory.Exists(Path.Combine(cli.Folder, "cache/yunpipe/references")) ? Directory.EnumerateFiles(Path.Combine(cli.Folder, "cache/yunpipe/references"), name, SearchOption.AllDirectories) : [];

    /// <summary>Counts what is fetched of a key.</summary>
    private static Func<int> Fetches(SmallAws aws, string key)
    {
        var count = 0;
        aws.Script = new ScriptedFaults
        {
            When = request =>
            {
                if (request.Method == "GET" && request.Path.EndsWith(key, StringComparison.Ordinal)) Interlocked.Increment(ref count);
                return Fault.None;
            },
        };
        return () => Interlocked.Exchange(ref count, 0);
    }

    [Fact]
    public async Task Data_in_a_bucket_is_the_same_work_as_equal_bytes_here_and_is_fetched_once()
    {
        await using var cli = Open();
        var fetches = Fetches(cli.Aws, Model);
        Local(cli, "net.pt", "net ");
        Local(cli, "atlas/a.txt", "left ");
        Local(cli, "atlas/b/c d.txt", "right");
        Write(cli, "./net.pt", "./atlas");
        (await cli.Do("run", "models.yaml")).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(6);
        cli.Text("out/use/a.used").ShouldBe("A net left right");

        Write(cli, $"s3://lab/{Model}", "s3://lab/atlas");
        var there = await cli.Do("run", "models.yaml");
        there.Exit.ShouldBe(0, there.Error);
        cli.Ran().ShouldBe(0, "the same bytes are the same jobs");
        fetches().ShouldBe(1);
        (await cli.Do("run", "models.yaml", "-o", "other")).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(6);
        cli.Text("other/use/c.used").ShouldBe("C net left right");
        fetches().ShouldBe(0, "nothing has changed there");
        var copy = Copies(cli, "net.pt").Single();
        (File.GetUnixFileMode(copy) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)).ShouldBe(UnixFileMode.None);

        // A copy that somebody has changed is none.
        File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(copy, "NET ", TestContext.Current.CancellationToken);
        (await cli.Do("run", "models.yaml")).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(0);
        fetches().ShouldBe(1);
    }

    [Fact]
    public async Task Data_that_changed_there_runs_again_what_reads_it_and_the_plan_says_why()
    {
        await using var cli = Open();
        var fetches = Fetches(cli.Aws, Model);
        var said = new StringBuilder();
        async Task Say(string line)
        {
            var (exit, output, error) = await cli.Shell(line);
            said.Append(System.Globalization.CultureInfo.InvariantCulture, $"$ {line}\n{output}{error}exit {exit}\n\n");
        }
        await Say("yunpipe plan models.yaml");
        fetches().ShouldBe(0, "a plan brings nothing here by itself");
        (await cli.Do("run", "models.yaml")).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(6);
        await Say("yunpipe plan models.yaml");
        cli.Put("lab", Model, "new net ");
        await Say("yunpipe plan models.yaml --why");
        await Say("yunpipe plan models.yaml --why --json");
        fetches().ShouldBe(1);
        await Say("yunpipe plan models.yaml --fetch --why");
        fetches().ShouldBe(1);
        (await cli.Do("run", "models.yaml")).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(3);
        fetches().ShouldBe(0);
        cli.Text("out/use/a.used").ShouldBe("A new net left right");
        Copies(cli, "net.pt").Count().ShouldBe(1, "what is not there any more is not kept either");
        cli.Put("lab", "atlas/a.txt", "LEFT ");
        await Say("yunpipe plan models.yaml --why --fetch");
        (await cli.Do("run", "models.yaml")).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(3);
        Golden.CheckFile("tests/Yunpipe.Aws.Tests/Golden/reference-plan.txt", said.ToString());
    }

    [Fact]
    public async Task What_cannot_be_had_is_one_sentence_and_nothing_is_lost()
    {
        await using var cli = Open();
        cli.Aws.S3.Bucket("other");
        cli.Put("closed", "net.pt", "x");
        cli.Aws.S3.Refuses["closed"] = (403, "AccessDenied");
        cli.Put("far", "net.pt", "x");
        cli.Aws.S3.Refuses["far"] = (301, "PermanentRedirect");
        cli.Put("odd", "set/a", "file");
        cli.Put("odd", "set/a/b", "and folder");
        cli.Put("odd", "up/../../x", "leads out");
        var said = new StringBuilder();
        foreach (var line in (string[])
                 [
                     "--set use.model=s3://lab/models/none.pt", "--set use.model=s3://lab/models/v1", "--set use.model=s3://lab/models/v1/", "--set use.atlas=s3://lab/none/", $"--set use.atlas=s3://lab/{Model}", "--set use.model=s3://nowhere-at-all/net.pt",
                     "--set use.atlas=s3://nowhere-at-all/x", "--set use.model=s3://x", "--set use.model=s3://closed/net.pt", "--set use.atlas=s3://closed/atlas", "--set use.model=s3://far/net.pt", "--set use.atlas=s3://far/atlas", "--set use.atlas=s3://odd/set", "--set use.atlas=s3://odd/up",
                 ])
        {
            var (exit, output, error) = await cli.Do(["run", "models.yaml", .. line.Split(' ')]);
            said.Append(System.Globalization.CultureInfo.InvariantCulture, $"$ yunpipe run models.yaml {line}\n{output}{error}exit {exit}\n\n");
        }
        foreach (var (environment, verb) in ((string, string)[])[("env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY AWS_EC2_METADATA_DISABLED=true HOME=/nowhere", "run"), ("env -u AWS_REGION -u AWS_ENDPOINT_URL AWS_EC2_METADATA_DISABLED=true HOME=/nowhere", "run"), ("env AWS_MAX_ATTEMPTS=1 AWS_ENDPOINT_URL=http://127.0.0.1:9", "plan")])
        {
            var (exit, output, error) = await cli.Shell($"{environment} yunpipe {verb} models.yaml");
            said.Append(System.Globalization.CultureInfo.InvariantCulture, $"$ {environment} yunpipe {verb} models.yaml\n{output}{error}exit {exit}\n\n");
        }
        cli.Ran().ShouldBe(0);
        Golden.CheckFile("tests/Yunpipe.Aws.Tests/Golden/reference-mistakes.txt", said.ToString().Replace(cli.Folder, "FOLDER", StringComparison.Ordinal));
        Directory.EnumerateDirectories(Path.Combine(cli.Folder, "cache/yunpipe/references")).Where(folder => !folder.EndsWith("locks", StringComparison.Ordinal)).ShouldAllBe(folder => File.Exists(Path.Combine(folder, "whole.json")));
        (await cli.Do("run", "models.yaml")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_line_that_breaks_again_and_again_is_told_and_what_came_is_taken_for_nothing()
    {
        var breaks = true;
        await using var aws = new SmallAws(request => breaks && request.Method == "GET" && request.Path.EndsWith(Model, StringComparison.Ordinal) ? Fault.CutAnswer : Fault.None);
        await using var cli = Open(aws);
        cli.Put("lab", Model, new string('n', 100_000));
        var (exit, _, error) = await cli.Do("run", "models.yaml");
        exit.ShouldBe(2, error);
        error.ShouldContain("YP6051: “s3://lab/models/v1/net.pt”, the value of “model” of step “use”, cannot be fetched: It was not possible to read “models/v1/net.pt” in the bucket lab");
        error.ShouldContain("the same command goes on");
        error.Split("YP").Length.ShouldBe(2, error);
        Copies(cli, "net.pt").ShouldBeEmpty();
        breaks = false;
        (await cli.Do("run", "models.yaml")).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(6);
    }

    [Fact]
    public async Task Killed_while_it_fetches_it_leaves_nothing_that_is_taken_for_whole()
    {
        await using var cli = Open();
        var model = new string('n', 20 << 20);
        cli.Put("lab", Model, model);
        var begun = new TaskCompletionSource();
        cli.Aws.Http.Latency = request =>
        {
            if (request.Method != "GET" || !request.Path.EndsWith(Model, StringComparison.Ordinal)) return TimeSpan.Zero;
            begun.TrySetResult();
            // The first part comes, and the others do not.
            return request.Header("Range")?.StartsWith("bytes=0-", StringComparison.Ordinal) == true ? TimeSpan.Zero : TimeSpan.FromMinutes(1);
        };
        using (var run = cli.Start("run", "models.yaml"))
        {
            await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await Task.Delay(500, TestContext.Current.CancellationToken);
            run.Kill(entireProcessTree: true);
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Copies(cli, "net.pt").Count().ShouldBe(1, "the half of it is on the disk");
        cli.Aws.Http.Latency = _ => TimeSpan.Zero;
        var again = await cli.Do("run", "models.yaml");
        again.Exit.ShouldBe(0, again.Error);
        cli.Text("out/use/a.used")!.Length.ShouldBe("A ".Length + model.Length + "left right".Length);
        Copies(cli, "net.pt").Count().ShouldBe(1);
    }

    [Fact]
    public async Task Interrupted_while_it_fetches_it_ends_and_leaves_nothing()
    {
        await using var cli = Open();
        var begun = new TaskCompletionSource();
        cli.Aws.Http.Latency = request =>
        {
            if (request.Method != "GET" || !request.Path.EndsWith(Model, StringComparison.Ordinal)) return TimeSpan.Zero;
            begun.TrySetResult();
            return TimeSpan.FromMinutes(1);
        };
        using var run = cli.Start("run", "models.yaml");
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        using (var kill = Process.Start("kill", ["-INT", run.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        run.ExitCode.ShouldBe(130);
        (await run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe("Interrupted.\n");
        Directory.EnumerateDirectories(Path.Combine(cli.Folder, "cache/yunpipe/references")).Select(Path.GetFileName).ShouldBe(["locks"]);
    }

    [Fact]
    public async Task Two_runs_at_once_fetch_it_once_and_tell_how_far_they_are()
    {
        await using var cli = Open();
        cli.Put("lab", Model, new string('n', 30 << 20));
        var fetches = Fetches(cli.Aws, Model);
        cli.Aws.Http.Latency = request => request.Method == "GET" && request.Path.EndsWith(Model, StringComparison.Ordinal) ? TimeSpan.FromSeconds(request.Header("Range")!.StartsWith("bytes=0-", StringComparison.Ordinal) ? 2 : 1) : TimeSpan.Zero;
        var runs = await Task.WhenAll(cli.Do("run", "models.yaml", "-o", "first"), cli.Do("run", "models.yaml", "-o", "second"));
        foreach (var (exit, _, error) in runs) exit.ShouldBe(0, error);
        fetches().ShouldBe(4, "parts of 8 MiB");
        cli.Ran().ShouldBe(12);
        var told = string.Concat(runs.Select(run => run.Error));
        told.ShouldContain("fetching net.pt: ");
        told.ShouldContain("net.pt is being fetched by another command; this one waits for it.");
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task In_a_container_it_can_be_read_and_not_written(string engine)
    {
        if (Environment.GetEnvironmentVariable("YUNPIPE_ENGINES")?.Contains(engine, StringComparison.Ordinal) != true) Assert.Skip($"YUNPIPE_ENGINES names no {engine}.");
        await using var cli = Open();
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "use.yaml"), """
            name: use
            image: yunpipe-test:latest
            command: [/bin/busybox, sh, -c, 'cat "$$1" "$$2" "$$3/b/c d.txt" >"$$4"; if echo x >>"$$2" || echo x >"$$3/new"; then echo written >>"$$4"; fi; exit 0', sh, "${image}", "${model}", "${atlas}", "${out}/${stem}.used"]
            inputs: [image]
            outputs: {out: "${stem}.used"}
            variables: {model: {type: file, default: "s3://lab/models/v1/net.pt"}, atlas: {type: directory, default: "s3://lab/atlas/"}}
            """, TestContext.Current.CancellationToken);
        var (exit, _, error) = await cli.Do("run", "models.yaml", "--launcher", engine);
        exit.ShouldBe(0, error);
        foreach (var name in "abc") cli.Text($"out/use/{name}.used").ShouldBe($"{name.ToString().ToUpperInvariant()} net right");
        (await cli.Do("plan", "models.yaml", "--launcher", engine)).Out.ShouldContain("nothing to run");
    }

    [Fact]
    public async Task An_algorithm_alone_and_its_tests_find_their_data_too()
    {
        await using var cli = Open();
        var once = await cli.Do("algorithm", "run", "use.yaml", "in/a.txt", "-o", "once");
        once.Exit.ShouldBe(0, once.Error);
        cli.Text("once/a.used").ShouldBe("a net left right");
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "tested.yaml"), (await File.ReadAllTextAsync(Path.Combine(cli.Folder, "use.yaml"), TestContext.Current.CancellationToken)).TrimEnd().TrimEnd('}').TrimEnd()
            + ", tests: [{name: one, inputs: {image: in/b.txt}, outputs: {out: present}}] }", TestContext.Current.CancellationToken);
        var tested = await cli.Do("algorithm", "test", "tested.yaml");
        tested.Exit.ShouldBe(0, tested.Out + tested.Error);
        (await cli.Do("run", "models.yaml")).Exit.ShouldBe(0);
        var debug = await cli.Do("debug", "use/b.txt", "-o", "out");
        debug.Exit.ShouldBe(0, debug.Out + debug.Error);
        debug.Out.ShouldContain("/references/");
    }
}
