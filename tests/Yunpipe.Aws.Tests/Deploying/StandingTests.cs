using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Deploying;

/// <summary>From <c>yunpipe deploy</c> to results: the command, the template, the dispatcher, the images in a registry, and the agent in containers, all as they are delivered.</summary>
public sealed class StandingTests
{
    [Fact]
    public async Task Two_hundred_images_uploaded_to_what_was_deployed_come_out_as_on_one_machine()
    {
        var bin = StandingStack.Published();
        await using var bench = await DeployBench.Open();
        bench.Write("workflow.yaml", "name: sharpen\ninput: {location: ./in, include: [\"*.tif\"]}\nsteps: [{name: first, algorithm: ./copy.yaml}, {name: second, algorithm: ./copy.yaml}]\noutput: ./out\n");
        bench.Write("copy.yaml", "{name: copy, image: \"docker-daemon:yunpipe-test:latest\", command: [/bin/busybox, cp, '${image}', '${out}/${stem}.copy'], inputs: [image], outputs: {out: '${stem}.copy'}}");
        var (exit, _, error) = await bench.Deploy("--most-tasks", "2");
        exit.ShouldBe(0, error);
        var stack = bench.Aws.Stacks.Find("yunpipe-sharpen")!;
        await using var standing = new StandingStack(bench.Aws, stack, bench.Registry.Host, bin, bench.Cli.Folder);
        await standing.Ready();
        Directory.CreateDirectory(Path.Combine(bench.Cli.Folder, "in", "plate 1"));
        for (var n = 0; n < 200; n++)
        {
            bench.Write($"in/plate 1/image {n}+ä%.tif", $"content {n}");
            bench.Cli.Put(stack.Resources["InputBucket"], $"plate 1/image {n}+ä%.tif", $"content {n}");
        }
        await standing.Until(() => standing.Keys("ResultsBucket").Count >= 200, TimeSpan.FromMinutes(4));
        standing.Keys("WorkBucket", "_yunpipe/manifests/").Count.ShouldBe(400);
        bench.Write("copy.yaml", "{name: copy, command: [cp, '${image}', '${out}/${stem}.copy'], inputs: [image], outputs: {out: '${stem}.copy'}}");
        var local = await bench.Cli.Do("run", "workflow.yaml", "--launcher", "process", "--no-report");
        local.Exit.ShouldBe(0, local.Error);
        var here = Directory.EnumerateFiles(Path.Combine(bench.Cli.Folder, "out", "second"), "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(Path.Combine(bench.Cli.Folder, "out"), path), File.ReadAllText);
        var there = standing.Keys("ResultsBucket").ToDictionary(key => key, key => bench.Cli.Object(stack.Resources["ResultsBucket"], key)!);
        there.ShouldBe(here, ignoreOrder: true);
    }

    [Fact]
    public async Task The_sample_is_deployed_with_the_toolbox_as_an_image_made_here_and_counts_the_same_nuclei()
    {
        var bin = StandingStack.Published();
        await using var bench = await DeployBench.Open();
        var sample = Path.Combine(Golden.Root, "samples/nuclei/workflow.yaml");
        var (exit, output, error) = await bench.Cli.Do("deploy", sample, "--yes", "--most-tasks", "1", "--settle", "3");
        exit.ShouldBe(0, error);
        output.ShouldContain("nuclei stands");
        (await bench.Cli.Shell($"{bin}/yunpipe-toolbox synth --out in --truth truth --count 3 --seed 1")).Exit.ShouldBe(0);
        var stack = bench.Aws.Stacks.Find("yunpipe-nuclei")!;
        await using var standing = new StandingStack(bench.Aws, stack, bench.Registry.Host, bin, bench.Cli.Folder);
        await standing.Ready();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(bench.Cli.Folder, "in")))
        {
            var bucket = bench.Aws.S3.Bucket(stack.Resources["InputBucket"]);
            lock (bucket.Gate) bucket.Put(Path.GetFileName(file), [File.ReadAllBytes(file)]);
        }
        await standing.Until(() => standing.Keys("ResultsBucket", "table/").Count > 0, TimeSpan.FromMinutes(9));
        var local = await bench.Cli.Do("run", sample, "-i", "in", "-o", "out", "--no-report");
        local.Exit.ShouldBe(0, local.Error);
        bench.Cli.Object(stack.Resources["ResultsBucket"], "table/all.csv").ShouldBe(bench.Cli.Text("out/table/all.csv"));
    }

    [Fact]
    public async Task A_model_of_a_bucket_is_in_every_task_what_it_was_when_it_was_deployed()
    {
        var bin = StandingStack.Published();
        await using var bench = await DeployBench.Open();
        bench.Cli.Put("lab", "v1/net.pt", " net");
        bench.Cli.Put("lab", "atlas/b/c d.txt", " right");
        bench.Write("workflow.yaml", "name: sharpen\ninput: {include: [\"*.tif\"]}\nsteps: [{name: first, algorithm: ./copy.yaml}]\n");
        bench.Write("copy.yaml", """
            name: copy
            image: "docker-daemon:yunpipe-test:latest"
            command: [/bin/busybox, sh, -c, 'cat "$$1" "$$2" "$$3/b/c d.txt" >"$$4"', sh, "${image}", "${model}", "${atlas}", "${out}/${stem}.copy"]
            inputs: [image]
            outputs: {out: "${stem}.copy"}
            variables: {model: {type: file, default: "s3://lab/v1/net.pt"}, atlas: {type: directory, default: "s3://lab/atlas/"}}
            """);
        await bench.Deployed("--most-tasks", "2");
        bench.Aws.S3.Remove("lab");
        var stack = bench.Aws.Stacks.Find("yunpipe-sharpen")!;
        await using var standing = new StandingStack(bench.Aws, stack, bench.Registry.Host, bin, bench.Cli.Folder);
        await standing.Ready();
        for (var n = 0; n < 5; n++) bench.Cli.Put(stack.Resources["InputBucket"], $"{n}.tif", $"image {n}");
        await standing.Until(() => standing.Keys("ResultsBucket").Count >= 5, TimeSpan.FromMinutes(3));
        foreach (var key in standing.Keys("ResultsBucket")) bench.Cli.Object(stack.Resources["ResultsBucket"], key).ShouldBe($"image {Path.GetFileNameWithoutExtension(key)} net right");
    }
}
