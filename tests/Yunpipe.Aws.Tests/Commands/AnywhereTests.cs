using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.S3.Model;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Deploying;
using Yunpipe.Aws.Tests.Cli;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Aws.Tests.Stores;
using Yunpipe.Aws.Tests.Work;
using Yunpipe.Deployments;
using Yunpipe.Dispatcher;

namespace Yunpipe.Aws.Tests.Commands;

/// <summary>Commands that look after a deployment, over whatever S3 and SQS there are; the dispatcher's function is of this process.</summary>
public sealed class AnywhereTests
{
    [Theory]
    [InlineData(Where.Here)]
    [InlineData(Where.Given)]
    public async Task Images_are_submitted_done_looked_at_and_tried_again(Where where)
    {
        await using var bench = await DeploymentBench.Make("if grep -q poison \"$1\" && [ ! -e \"$0.mended\" ]; then echo it is poisoned; exit 3; fi; tr a-z A-Z <\"$1\" >\"$2\"", ", retry: {backoff: 0 s}", SmallAws.At(where));
        await using var lambda = new SmallLambda();
        using var ending = new CancellationTokenSource();
        var environment = new Dictionary<string, string>(bench.Aws.Environment) { ["AWS_LAMBDA_RUNTIME_API"] = lambda.Api, ["YUNPIPE_DEPLOYMENT"] = bench.DeploymentPlace };
        using var connection = new AwsConnection(environment);
        using var log = new MemoryStream();
        var running = Task.Run(() => Composition.Loop(environment, connection, TimeProvider.System, log, bench.Folder).Run(ending.Token));
        bench.Aws.Functions.Put(DeploymentBench.Dispatcher, lambda.Invoke);
        await lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));

        async Task Upload(string key, string text) => await bench.Buckets.Work.Put("in/" + key, Encoding.UTF8.GetBytes(text), default);
        for (var n = 0; n < 5; n++) await Upload($"plate 1/{n}+ü%.txt", $"image {n}");
        await Upload("p.txt", "poison");
        var place = $"s3://{bench.Buckets.Work.Name}";
        await using var cli = new CloudCli(bench.Aws);
        async Task<string> Do(int exit, params string[] words)
        {
            var said = await cli.Do(words);
            said.Exit.ShouldBe(exit, $"{string.Join(' ', words)}\n{said.Out}{said.Error}");
            return said.Out;
        }
        async Task Stands(long done, long setAside) => Regex.IsMatch(await Do(setAside > 0 ? 3 : 0, "status", place), $"(?m)^work +0 +0 +{done} +{setAside} ").ShouldBeTrue(await Do(setAside > 0 ? 3 : 0, "status", place));

        (await Do(0, "submit", place, "--dry-run")).ShouldStartWith("6 files, 41 B. Nothing was sent.\n");
        (await bench.Left()).ShouldBe(0);
        (await Do(0, "submit", place, "plate 1/0+ü%.txt")).ShouldBe("1 file looked at (7 B), 1 job sent.\n");
        (await Do(0, "submit", place)).ShouldBe("6 files looked at (41 B), 5 jobs sent.\n");
        (await bench.Left()).ShouldBe(6);
        (await Do(3, "worker", place, "--idle", "1")).ShouldBe("5 jobs done, 1 set aside.\n");
        await Stands(5, 1);
        (await Do(3, "failures", place)).ShouldContain("1 set aside: 1 exit-code.");
        (await Do(0, "logs", "p.txt", "-o", place)).ShouldBe("it is poisoned\n");
        bench.Result("plate 1/3+ü%.out").ShouldBe("IMAGE 3");

        await File.WriteAllTextAsync(Path.Combine(bench.Folder, "work.sh.mended"), "");
        (await Do(0, "failures", place, "--retry")).ShouldBe("1 failure forgotten, 1 job sent.\n");
        await Upload("plate 1/0+ü%.txt", "corrected");
        await Upload("more/new.txt", "new");
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "list.txt"), $"plate 1/0+ü%.txt\n{place}/in/more/new.txt\n");
        (await Do(0, "submit", place, "--list", "list.txt")).ShouldBe("2 files looked at (12 B), 2 jobs sent.\n");
        (await Do(0, "worker", place, "--idle", "1")).ShouldBe("3 jobs done, 0 set aside.\n");
        await Stands(7, 0);
        bench.Result("plate 1/0+ü%.out").ShouldBe("CORRECTED");
        (await Do(4, "failures", place, "--retry")).ShouldBe("Nothing of that kind is set aside.\n");
        var json = JsonNode.Parse(await Do(0, "submit", place, "--json"))!;
        ((long)json["files"]!, (long)json["sent"]!).ShouldBe((7, 0));
        await ending.CancelAsync();
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Theory]
    [InlineData(Where.Here)]
    [InlineData(Where.Given)]
    public async Task A_bucket_goes_with_all_that_was_ever_in_it(Where where)
    {
        await using var aws = SmallAws.At(where);
        await using var buckets = await TestBuckets.Make(aws.Connect());
        var (s3, name) = (buckets.Work.Client, buckets.Work.Name);
        await s3.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = name, VersioningConfig = new S3BucketVersioningConfig { Status = Amazon.S3.VersionStatus.Enabled } });
        (await Buckets.Stands(s3, name, default)).ShouldBeTrue();
        (await Buckets.IsEmpty(s3, name, default)).ShouldBeTrue();
        for (var n = 0; n < 3; n++) await buckets.Work.Put("a b+ü%.tif", Encoding.UTF8.GetBytes($"{n}"), default);
        // Not every service tells of such a name in a way that can be read.
        if (where is Where.Here) await buckets.Work.Put("with\u0001control.tif", "x"u8.ToArray(), default);
        await buckets.Work.Put("gone.tif", "x"u8.ToArray(), default);
        await buckets.Work.Delete("gone.tif", default);
        (await Buckets.IsEmpty(s3, name, default)).ShouldBeFalse();
        await Buckets.Remove(s3, name, _ => { }, default);
        (await Buckets.Stands(s3, name, default)).ShouldBeFalse();
        // The same once more is no mistake.
        await Buckets.Remove(s3, buckets.Results.Name, _ => { }, default);
    }
}
