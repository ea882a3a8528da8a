using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Deploying;

/// <summary><c>yunpipe destroy</c>, whatever is left.</summary>
public sealed class DestroyTests
{
    [Fact]
    public async Task Everything_goes_but_buckets_that_hold_something()
    {
        await using var bench = await DeployBench.Open();
        await bench.Deployed();
        var (input, results) = (bench.Document().Input.Bucket, bench.Document().Results!.Bucket);
        bench.Cli.Put(input, "a.tif", "image");
        var (exit, output, error) = await bench.Cli.Do("destroy", "sharpen", "--yes");
        exit.ShouldBe(0, error);
        Golden.CheckFile("tests/Yunpipe.Aws.Tests/Golden/destroy.txt", bench.Plain(output));
        bench.Aws.Stacks.Find("yunpipe-sharpen").ShouldBeNull();
        bench.Aws.Stacks.Repositories.ShouldBeEmpty();
        bench.Aws.S3.Names.ShouldBe([input]);
        (await bench.Cli.Do("destroy", "sharpen", "--yes", "--with-data")).Exit.ShouldBe(0);
        bench.Aws.S3.Names.ShouldBeEmpty();
        (await bench.Cli.Do("destroy", "sharpen", "--yes")).Error.ShouldContain("YP6240: There is no deployment “sharpen” in the account 123456789012, eu-central-1.");
    }

    [Fact]
    public async Task Old_versions_go_with_the_data()
    {
        await using var bench = await DeployBench.Open();
        await bench.Deployed();
        for (var n = 0; n < 5; n++) bench.Cli.Put(bench.Document().Input.Bucket, "a b+c.tif", $"image {n}");
        (await bench.Cli.Do("destroy", "sharpen", "--yes", "--with-data")).Exit.ShouldBe(0);
        bench.Aws.S3.Names.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_half_made_deployment_left_goes_too()
    {
        await using var bench = await DeployBench.Open();
        await bench.Deployed();
        // The stack is gone, by whatever hand; its buckets and images stand.
        bench.Aws.Stacks.Forget("yunpipe-sharpen");
        bench.Aws.Stacks.Repositories.ShouldNotBeEmpty();
        var (exit, _, error) = await bench.Cli.Do("destroy", "sharpen", "--yes", "--with-data");
        exit.ShouldBe(0, error);
        bench.Aws.Stacks.Repositories.ShouldBeEmpty();
        bench.Aws.S3.Names.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_deployment_keeps_what_both_share()
    {
        await using var bench = await DeployBench.Open();
        await bench.Deployed();
        (await bench.Deploy("--name", "other")).Exit.ShouldBe(0);
        (await bench.Cli.Do("destroy", "sharpen", "--yes", "--with-data")).Exit.ShouldBe(0);
        bench.Aws.S3.Names.ShouldContain("yunpipe-staging-123456789012-eu-central-1");
        bench.Aws.Stacks.Find("yunpipe-other")!.Status.ShouldBe("CREATE_COMPLETE");
        bench.Aws.Stacks.Repositories.ShouldBe(["yunpipe/other"]);
    }
}
