using System.Text.Json.Nodes;
using Yunpipe.Tests;
using Yunpipe.Work;

namespace Yunpipe.Aws.Tests.Deploying;

/// <summary>Models and atlases of a deployment: put by their content where its workers find them, wherever they came from.</summary>
public sealed class DeployReferenceTests
{
    private const string Staging = "yunpipe-staging-123456789012-eu-central-1";

    private static async Task<DeployBench> Open(string model, string atlas)
    {
        var bench = await DeployBench.Open();
        bench.Write("copy.yaml", $$"""
            {name: copy, image: "oci:{{bench.Cli.Folder}}/image:1", command: [/bin/copy, "${image}", "${model}", "${atlas}", "${out}/${stem}.copy"], inputs: [image], outputs: {out: "${stem}.copy"},
             variables: {model: {type: file, default: "{{model}}"}, atlas: {type: directory, default: "{{atlas}}"} } }
            """);
        bench.Write("net.pt", "net");
        Directory.CreateDirectory(Path.Combine(bench.Cli.Folder, "atlas/b"));
        bench.Write("atlas/a.txt", "left");
        bench.Write("atlas/b/c d.txt", "right");
        bench.Cli.Put("lab", "v1/net.pt", "net");
        bench.Cli.Put("lab", "atlas/a.txt", "left");
        bench.Cli.Put("lab", "atlas/b/c d.txt", "right");
        return bench;
    }

    private static IReadOnlyDictionary<string, string> Staged(DeployBench bench)
    {
        var staging = bench.Aws.S3.Bucket(Staging);
        lock (staging.Gate) return staging.After("references/").Where(key => key.StartsWith("references/", StringComparison.Ordinal)).ToDictionary(key => key, key => bench.Cli.Object(Staging, key)!);
    }

    [Fact]
    public async Task What_lies_in_a_bucket_is_deployed_as_equal_bytes_here_are_and_stays_when_the_bucket_changes()
    {
        await using var here = await Open("./net.pt", "./atlas");
        await here.Deployed();
        await using var bench = await Open("s3://lab/v1/net.pt", "s3://lab/atlas/");
        await bench.Deployed();
        var (step, same) = (bench.Document().Steps[0], here.Document().Steps[0]);
        step.Variables["model"].Items.ShouldBe([ContentDigest.OfFile(Path.Combine(bench.Cli.Folder, "net.pt")).ToString()]);
        step.Variables["atlas"].Items.ShouldBe([ContentDigest.OfDirectory(Path.Combine(bench.Cli.Folder, "atlas")).Digest.ToString()]);
        step.References.ShouldBe(same.References, ignoreOrder: true);
        step.References.Values.ShouldAllBe(place => place.StartsWith($"s3://{Staging}/references/sharpen/", StringComparison.Ordinal));
        var staged = Staged(bench);
        staged.ShouldBe(Staged(here), ignoreOrder: true);
        staged.Values.ShouldBe(["net", "left", "right"], ignoreOrder: true);
        var rights = JsonNode.Parse(bench.Cli.Object(Staging, Templates(bench)[0])!)!["Resources"]!["StepFirstRole"]!.ToJsonString();
        rights.ShouldContain("/atlas/*");

        // What is deployed is what was there; another deployment takes what is there then.
        bench.Cli.Put("lab", "v1/net.pt", "new net");
        Staged(bench).ShouldBe(staged, ignoreOrder: true);
        await bench.Deployed();
        bench.Document().Steps[0].Variables["model"].Items.ShouldNotBe(step.Variables["model"].Items);
        Staged(bench).Values.ShouldBe(["net", "new net", "left", "right"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_template_alone_is_that_of_the_deployment_and_says_so_where_the_data_cannot_be_read()
    {
        await using var bench = await Open("s3://lab/v1/net.pt", "./atlas");
        var (exit, template, error) = await bench.Cli.Do("deploy", "workflow.yaml", "--owner", "lab", "--template-only");
        exit.ShouldBe(0, error);
        bench.Aws.S3.Names.ShouldBe(["lab"], "nothing is made");
        await bench.Deployed();
        bench.Cli.Object(Staging, Templates(bench).Single()).ShouldBe(template);
        var alone = await bench.Cli.Shell("env -u AWS_ENDPOINT_URL -u AWS_REGION AWS_EC2_METADATA_DISABLED=true HOME=/nowhere yunpipe deploy workflow.yaml --owner lab --template-only");
        alone.Exit.ShouldBe(2);
        alone.Out.ShouldBe("");
        alone.Error.ShouldBe("workflow.yaml:3:9: YP6002: “s3://lab/v1/net.pt”, the value of “model” of step “first”, cannot be read: No region of AWS is set, and none is found. Set AWS_REGION, or a region in ~/.aws/config; for another service set AWS_ENDPOINT_URL.\n");
    }

    [Fact]
    public async Task What_is_not_there_is_told_before_anything_is_made()
    {
        await using var bench = await Open("s3://lab/v2/net.pt", "./atlas");
        var (exit, _, error) = await bench.Deploy();
        exit.ShouldBe(2);
        error.ShouldBe("workflow.yaml:3:9: YP2002: “s3://lab/v2/net.pt”, the value of “model” of step “first”, is not there.\n");
        bench.Aws.Stacks.Find("yunpipe-sharpen").ShouldBeNull();
        bench.Aws.S3.Names.ShouldBe(["lab"]);
    }

    private static IReadOnlyList<string> Templates(DeployBench bench)
    {
        var staging = bench.Aws.S3.Bucket(Staging);
        lock (staging.Gate) return [.. staging.After("templates/").Where(key => key.StartsWith("templates/", StringComparison.Ordinal))];
    }
}
