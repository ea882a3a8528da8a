using Yunpipe.Aws.Tests.Cli;
using Yunpipe.Aws.Tests.Work;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Commands;

/// <summary>Deployments are named by their name, and folders come first.</summary>
public sealed class NamesTests
{
    [Fact]
    public async Task A_name_is_a_folder_where_there_is_one_and_else_a_deployment()
    {
        await using var deployed = await DeployedCli.Open();
        deployed.Bench.Aws.Stacks.Put(DeployedCli.Stack("w", "work"));
        deployed.Bench.Aws.Stacks.Put(DeployedCli.Stack("coming", "work", "CREATE_IN_PROGRESS"));
        deployed.Put("a.tif");
        await deployed.Check("names", ["status", "w"], ["submit", "w"], ["failures", "w"], ["failures", "w", "--retry"], ["status", "v"], ["submit", "aws:v"], ["submit", "W_"], ["status", "aws:a--b"], ["status", "coming"], ["status", "no/folder"]);
        Directory.CreateDirectory(Path.Combine(deployed.Cli.Folder, "w"));
        (await deployed.Do("status", "w")).Error.ShouldStartWith("YP5010: Nothing was run into “");
        (await deployed.Do("status", "aws:w")).Exit.ShouldBe(0);
        (await deployed.Do("logs", "w", "--follow", "--step", "x")).Error.ShouldStartWith("YP6320");
    }

    [Fact]
    public async Task Where_nothing_speaks_of_AWS_a_name_is_a_folder_that_is_not_there()
    {
        await using var cli = new CloudCli();
        var said = await cli.Shell("env -i PATH=\"$PATH\" HOME=/nowhere yunpipe status nuclei");
        said.Exit.ShouldBe(2);
        said.Error.ShouldStartWith("YP5010: There is no folder “");
        cli.Aws.Stacks.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_worker_takes_the_name_of_a_deployment()
    {
        await using var bench = await DeploymentBench.Make("tr a-z A-Z <\"$1\" >\"$2\"");
        bench.Aws.Stacks.Put(DeployedCli.Stack("bench", bench.Buckets.Work.Name));
        await bench.Send("a.txt", "image a");
        await using var cli = new CloudCli(bench.Aws);
        var worked = await cli.Do("worker", "bench", "--idle", "1");
        worked.ShouldBe((0, "1 job done, 0 set aside.\n", worked.Error));
        bench.Result("a.out").ShouldBe("IMAGE A");
        (await cli.Do("worker", "bunch", "--idle", "1")).Error.ShouldBe("YP6300: There is no deployment “bunch” in eu-central-1. Look at its name, and at AWS_REGION and AWS_PROFILE.\n");
    }

    [Fact]
    public async Task The_commands_of_the_guide_do_what_it_says()
    {
        await using var deployed = await DeployedCli.Open("""
            name: w
            input: {location: ./in, include: ["**/*.tif"]}
            steps: [{name: denoise, algorithm: copy}, {name: segment, algorithm: upper}]
            """, cluster: true);
        var bench = deployed.Bench;
        bench.Aws.Stacks.Put(DeployedCli.Stack("nuclei", "work"));
        bench.Local.Launcher.Programs["upper"] = _ => 3;
        bench.Upload("plate7/A01.tif", "x");
        for (var minute = 0; bench.Keys("_yunpipe/failures/").Count < 1; minute++)
        {
            minute.ShouldBeLessThan(300);
            await bench.Deliver();
            await bench.Minute();
            await Task.Delay(50);
        }
        bench.Aws.Ecs.Begins = null;
        var name = bench.Keys("_yunpipe/failures/").Single();
        var failure = bench.Aws.S3.Bucket("work").Find(name)!.ToArray();
        await File.WriteAllTextAsync(Path.Combine(deployed.Cli.Folder, "again.txt"), "plate7/A01.tif\n");
        var text = await File.ReadAllTextAsync(Path.Combine(Golden.Root, "docs/guide/deployments.md"));
        var lines = text.Split("```sh\n").Skip(1).SelectMany(block => block.Split("```")[0].Split('\n')).Where(line => line.StartsWith("yunpipe ", StringComparison.Ordinal) && !line.Contains("--watch") && !line.Contains("--follow")).ToList();
        lines.Count.ShouldBeGreaterThan(12);
        foreach (var line in lines)
        {
            bench.Put("work", name, failure);
            var said = await deployed.Cli.Shell(line.Split('#')[0].Replace("s3://lab-images/plate7/A 02.tif", "s3://in/plate7/A01.tif", StringComparison.Ordinal));
            said.Exit.ShouldBeOneOf([0, 3, 4], $"{line}\n{said.Error}");
        }
    }
}
