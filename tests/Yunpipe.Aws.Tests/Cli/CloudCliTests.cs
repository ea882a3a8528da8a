using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Aws.Tests.Work;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Cli;

/// <summary>Buckets as input, as output and as a copy; and a workstation as a worker.</summary>
public sealed class CloudCliTests
{
    private static readonly string[] Images = ["a b+%.txt", "p1/ü.txt", "p1/c.txt"];

    [Theory]
    [InlineData(Where.Here)]
    [InlineData(Where.Given)]
    public async Task A_run_from_bucket_to_bucket_does_what_is_not_done_yet(Where where)
    {
        await using var aws = SmallAws.At(where);
        await using var cli = new CloudCli(aws);
        using var results = await cli.Bucket("lab-results");
        using var images = await cli.Bucket("lab-images");
        foreach (var name in Images) await images.Put("run 1/" + name, $"image {name}");
        string[] run = ["run", "workflow.yaml", "-i", $"s3://{images.Name}/run 1", "-o", $"s3://{results.Name}/first"];
        var first = await cli.Do(run);
        first.Exit.ShouldBe(0, first.Error);
        cli.Ran().ShouldBe(6);
        (await results.Text("first/mark/p1/ü.mark")).ShouldBe("IMAGE P1/ü.TXT!\n");
        (await results.Text("first/upper/p1/ü.upper")).ShouldBeNull("it is read by another step, and has no view");

        var again = await cli.Do(run);
        again.Exit.ShouldBe(0, again.Error);
        cli.Ran().ShouldBe(0, "nothing is done twice");
        await images.Put("run 1/p1/c.txt", "corrected");
        (await cli.Do(run)).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(2);
        (await results.Text("first/mark/p1/c.mark")).ShouldBe("CORRECTED!\n");
        Directory.EnumerateFileSystemEntries(Path.Combine(cli.Folder, "cache/yunpipe"), "*", SearchOption.AllDirectories).Count(path => path.Contains("fetched", StringComparison.Ordinal)).ShouldBe(0);
    }

    [Theory]
    [InlineData(Where.Here)]
    [InlineData(Where.Given)]
    public async Task What_a_run_over_a_bucket_would_do_is_told_before_and_after_it(Where where)
    {
        await using var aws = SmallAws.At(where);
        await using var cli = new CloudCli(aws);
        using var results = await cli.Bucket("lab-results");
        using var images = await cli.Bucket("lab-images");
        foreach (var name in Images) await images.Put("run 1/" + name, $"image {name}");
        var items = await cli.Do("items", "workflow.yaml", "-i", $"s3://{images.Name}/run 1");
        items.Exit.ShouldBe(0, items.Error);
        foreach (var name in Images) items.Out.ShouldContain(name);
        string[] places = ["workflow.yaml", "-i", $"s3://{images.Name}/run 1", "-o", $"s3://{results.Name}/first"];
        var before = await cli.Do(["plan", .. places]);
        before.Exit.ShouldBe(0, before.Error);
        before.Out.ShouldContain("upper     0       3");
        (await cli.Do(["run", .. places])).Exit.ShouldBe(0);
        (await cli.Do(["plan", .. places])).Out.ShouldContain("upper     3       0");
        cli.Ran().ShouldBe(6);
    }

    [Theory]
    [InlineData(Where.Here)]
    [InlineData(Where.Given)]
    public async Task A_bucket_is_read_into_a_folder_and_a_folder_into_a_bucket(Where where)
    {
        await using var aws = SmallAws.At(where);
        await using var cli = new CloudCli(aws);
        using var results = await cli.Bucket("lab-results");
        using var images = await cli.Bucket("lab-images");
        await images.Put("a.txt", "a");
        var here = await cli.Do("run", "workflow.yaml", "-i", $"s3://{images.Name}", "-o", "out");
        here.Exit.ShouldBe(0, here.Error);
        cli.Text("out/mark/a.mark").ShouldBe("A!\n");
        Directory.CreateDirectory(Path.Combine(cli.Folder, "in"));
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "in/b.txt"), "b");
        var there = await cli.Do("run", "workflow.yaml", "-o", $"s3://{results.Name}");
        there.Exit.ShouldBe(0, there.Error);
        (await results.Text("mark/b.mark")).ShouldBe("B!\n");
    }

    [Theory]
    [InlineData(Where.Here)]
    [InlineData(Where.Given)]
    public async Task A_store_that_was_copied_to_a_bucket_and_back_goes_on_at_either_side(Where where)
    {
        await using var aws = SmallAws.At(where);
        await using var cli = new CloudCli(aws);
        using var results = await cli.Bucket("lab-results");
        Directory.CreateDirectory(Path.Combine(cli.Folder, "in"));
        foreach (var name in "abc") await File.WriteAllTextAsync(Path.Combine(cli.Folder, $"in/{name}.txt"), $"{name}");
        (await cli.Do("run", "workflow.yaml")).Exit.ShouldBe(0);
        cli.Ran().ShouldBe(6);

        var up = await cli.Do("store", "copy", "out", $"s3://{results.Name}/copy", "--json");
        up.Exit.ShouldBe(0, up.Error);
        up.Out.ShouldContain("\"copied\":6");
        (await cli.Do("store", "copy", "out", $"s3://{results.Name}/copy")).Out.ShouldStartWith("0 jobs copied (0 B), 6 were there already");
        var there = await cli.Do("run", "workflow.yaml", "-o", $"s3://{results.Name}/copy");
        there.Exit.ShouldBe(0, there.Error);
        (await results.Text("copy/mark/b.mark")).ShouldBe("B!\n");

        var down = await cli.Do("store", "copy", $"s3://{results.Name}/copy", "back");
        down.Exit.ShouldBe(0, down.Error);
        (await cli.Do("run", "workflow.yaml", "-o", "back")).Exit.ShouldBe(0);
        cli.Text("back/mark/c.mark").ShouldBe("C!\n");
        cli.Ran().ShouldBe(0, "nothing is done twice");
    }

    [Theory]
    [InlineData(Where.Here)]
    [InlineData(Where.Given)]
    public async Task A_workstation_drains_the_queue_of_a_deployment_and_ends_when_it_is_idle(Where where)
    {
        await using var bench = await DeploymentBench.Make("tr a-z A-Z <\"$1\" >\"$2\"", aws: SmallAws.At(where));
        for (var i = 0; i < 5; i++) await bench.Send($"i{i}.txt", $"image {i}");
        await using var cli = new CloudCli(bench.Aws);
        var worked = await cli.Do("worker", $"s3://{bench.Buckets.Work.Name}", "--idle", "1", "--jobs", "2");
        worked.Exit.ShouldBe(0, worked.Error);
        worked.Out.ShouldBe("5 jobs done, 0 set aside.\n");
        for (var i = 0; i < 5; i++) bench.Result($"i{i}.out").ShouldBe($"IMAGE {i}");
        (await bench.Left()).ShouldBe(0);
    }

    [Theory]
    [InlineData("run workflow.yaml -i s3://Bad -o out", "YP6001", 2)]
    [InlineData("worker s3://lab-results", "YP6010", 2)]
    [InlineData("store copy nothing s3://lab-results", "YP5010", 2)]
    [InlineData("items workflow.yaml -i s3://lab-nothing", "YP6040", 2)]
    public async Task What_cannot_be_is_one_sentence(string words, string code, int exit)
    {
        await using var cli = new CloudCli();
        cli.Aws.S3.Bucket("lab-results");
        var said = await cli.Do(words.Split(' '));
        said.Exit.ShouldBe(exit, said.Error);
        said.Error.ShouldContain(code);
    }

    [Fact]
    public async Task The_commands_of_the_guide_do_what_it_says()
    {
        await using var cli = new CloudCli();
        cli.Aws.S3.Bucket("lab-results");
        foreach (var name in Images) cli.Put("lab-images", "plate1/" + name, name);
        foreach (var version in (string[])["v3", "v4"]) cli.Put("lab-models", $"nuclei/{version}.pt", version);
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "segment.yaml"), "{name: segment, command: [mark.sh, '${image}', '${out}/${stem}.labels', '${model}'], inputs: [image], outputs: {out: '${stem}.labels'}, variables: {model: {type: file}}}");
        await File.WriteAllTextAsync(Path.Combine(cli.Folder, "nuclei.yaml"), "{input: ./in, steps: [{name: segment, algorithm: ./segment.yaml}], output: ./out}");
        var text = await File.ReadAllTextAsync(Path.Combine(Golden.Root, "docs/guide/aws-stores.md"));
        var lines = text.Split("```sh\n").Skip(1).SelectMany(block => block.Split("```")[0].Split('\n')).Where(line => line.StartsWith("yunpipe ", StringComparison.Ordinal) && !line.StartsWith("yunpipe worker", StringComparison.Ordinal)).ToList();
        lines.Count.ShouldBeGreaterThan(4);
        foreach (var line in lines)
        {
            var said = await cli.Shell(line.Split('#')[0]);
            said.Exit.ShouldBe(0, $"{line}\n{said.Error}");
        }
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("submit")]
    [InlineData("store", "copy")]
    public async Task Every_verb_has_its_page(string verb, params string[] children)
    {
        await using var cli = new CloudCli();
        var page = $"# yunpipe {verb}\n\n{await Page(cli, verb)}";
        foreach (var child in children) page += $"\n## yunpipe {verb} {child}\n\n{await Page(cli, verb, child)}";
        Golden.CheckFile($"docs/reference/{verb}.md", page);
    }

    private static async Task<string> Page(CloudCli cli, params string[] words)
    {
        var said = await cli.Do([.. words, "--help"]);
        said.Exit.ShouldBe(0);
        return $"```\n{string.Join('\n', said.Out.Split('\n').Select(line => line.TrimEnd())).Trim('\n')}\n```\n";
    }
}
