using System.Text.Json.Nodes;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Deploying;

/// <summary><c>yunpipe doctor</c>: each line is well, or says what to do.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task All_is_well()
    {
        await using var bench = await DeployBench.Open();
        var (exit, output, error) = await bench.Cli.Do("doctor", "workflow.yaml");
        exit.ShouldBe(0, error);
        Golden.CheckFile("tests/Yunpipe.Aws.Tests/Golden/doctor.txt", bench.Plain(output));
        bench.Aws.S3.Names.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_wrong_is_told_all_at_once()
    {
        await using var bench = await DeployBench.Open();
        bench.Aws.Stacks.Denied = ["lambda:CreateFunction", "ecs:CreateCluster"];
        bench.Write("plain.yaml", "{name: plain, command: [tr, a, '${image}'], inputs: [image], outputs: {out: '*.x'}, resources: {timeout: 20 h}}");
        bench.Write("gone.yaml", "{name: gone, image: \"oci:./nowhere:1\", command: [tr, a, '${image}'], inputs: [image], outputs: {out: '*.x'}}");
        bench.Write("bad.yaml", "name: bad\nsteps: [{name: a, algorithm: ./plain.yaml}, {name: b, algorithm: ./gone.yaml}]\n");
        var (exit, output, _) = await bench.Cli.Do("doctor", "bad.yaml", "--input", "s3://no-such-bucket");
        exit.ShouldBe(2);
        Golden.CheckFile("tests/Yunpipe.Aws.Tests/Golden/doctor-bad.txt", bench.Plain(output));
        var (_, json, _) = await bench.Cli.Do("doctor", "--json");
        ((bool)JsonNode.Parse(json)!["ok"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_credentials_that_is_what_it_says()
    {
        await using var bench = await DeployBench.Open();
        var (exit, output, _) = await bench.Cli.Shell("env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY AWS_EC2_METADATA_DISABLED=true HOME=/nowhere yunpipe doctor");
        exit.ShouldBe(2);
        output.ShouldContain("bad  credentials:");
        (await bench.Cli.Shell("env -u AWS_REGION -u AWS_ENDPOINT_URL AWS_EC2_METADATA_DISABLED=true HOME=/nowhere yunpipe doctor")).Out.ShouldContain("bad  region:");
    }

    [Fact]
    public async Task Whether_it_may_be_asked_is_a_question_too()
    {
        await using var bench = await DeployBench.Open();
        bench.Aws.Stacks.Denied = null;
        var (exit, output, _) = await bench.Cli.Do("doctor");
        exit.ShouldBe(0);
        output.ShouldContain("?    permissions:");
    }
}
