using System.Text;
using System.Text.Json.Nodes;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Deploying;

/// <summary><c>yunpipe deploy</c> as a person runs it.</summary>
public sealed class DeployTests
{
    [Fact]
    public async Task What_is_deployed_is_told_and_stands()
    {
        await using var bench = await DeployBench.Open();
        var (exit, output, error) = await bench.Deploy();
        exit.ShouldBe(0, error);
        Golden.CheckFile("tests/Yunpipe.Aws.Tests/Golden/deploy.txt", bench.Plain(error + output));
        var stack = bench.Aws.Stacks.Find("yunpipe-sharpen")!;
        stack.Status.ShouldBe("CREATE_COMPLETE");
        stack.Tags.ShouldContainKeyAndValue("yunpipe:owner", "lab");
        var document = bench.Document();
        document.Steps.Select(step => step.Name).ShouldBe(["first", "second"]);
        document.Steps[0].Image!.ShouldStartWith("123456789012.dkr.ecr.eu-central-1.amazonaws.com/yunpipe/sharpen@sha256:");
        document.Steps[0].Task!.Capacity.ShouldBe(["FARGATE"]);
        document.Steps[0].Memory.ShouldBe(700L << 20);
        document.Dispatcher.ShouldBe(stack.Resources["Dispatcher"]);
        // Two steps of one algorithm have one image, pushed once, with all its blobs.
        bench.Registry.Manifests.Keys.Count(key => key.Name.StartsWith("copy-", StringComparison.Ordinal)).ShouldBe(1);
        bench.Registry.Manifests.ShouldContainKey(("yunpipe/sharpen", document.Steps[0].Image!.Split('@')[1]));
        bench.Aws.Stacks.Repositories.ShouldBe(["yunpipe/sharpen"]);
        var staging = bench.Aws.S3.Settings.Where(entry => entry.Key.Bucket == "yunpipe-staging-123456789012-eu-central-1").ToDictionary(entry => entry.Key.Setting, entry => entry.Value);
        staging["publicAccessBlock"].ShouldContain("<BlockPublicPolicy>true");
        staging["policy"].ShouldContain("aws:SecureTransport");
        staging["tagging"].ShouldContain("yunpipe:staging");
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_a_variable_changes_the_document_only()
    {
        await using var bench = await DeployBench.Open();
        await bench.Deployed();
        var before = bench.Document();
        var pushes = bench.Registry.Log.Count(line => line.StartsWith("PUT", StringComparison.Ordinal));
        var (exit, output, error) = await bench.Cli.Do("deploy", "workflow.yaml", "--yes", "--owner", "lab", "--set", "first.level=2");
        exit.ShouldBe(0, error);
        output.ShouldContain("sharpen stands");
        bench.Aws.Stacks.Find("yunpipe-sharpen")!.Status.ShouldBe("CREATE_COMPLETE");
        bench.Registry.Log.Count(line => line.StartsWith("PUT", StringComparison.Ordinal)).ShouldBe(pushes);
        bench.Document().Steps[0].Variables["level"].Items.ShouldBe(["2"]);
        bench.Document().Steps[0].Queue.ShouldBe(before.Steps[0].Queue);
    }

    [Fact]
    public async Task A_new_step_is_a_change_of_what_stands()
    {
        await using var bench = await DeployBench.Open();
        await bench.Deployed();
        bench.Write("workflow.yaml", "name: sharpen\nsteps: [{name: first, algorithm: ./copy.yaml}, {name: second, algorithm: ./copy.yaml}, {name: third, algorithm: ./copy.yaml}]\n");
        var (exit, _, error) = await bench.Deploy();
        exit.ShouldBe(0, error);
        error.ShouldContain("Will be made: 2 queues, 1 task definition");
        bench.Aws.Stacks.Find("yunpipe-sharpen")!.Status.ShouldBe("UPDATE_COMPLETE");
        bench.Document().Steps.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_resource_that_cannot_be_made_is_told_by_its_first_real_reason_and_nothing_is_left()
    {
        await using var bench = await DeployBench.Open();
        bench.Aws.Stacks.Fails["Dispatcher"] = "Resource handler returned message: \"The role defined for the function cannot be assumed by Lambda.\"";
        var (exit, output, error) = await bench.Deploy();
        exit.ShouldBe(2);
        output.ShouldBe("");
        error.ShouldContain("YP6222: The stack yunpipe-sharpen could not be made: Dispatcher (AWS::Lambda::Function): Resource handler returned message: \"The role defined for the function cannot be assumed by Lambda.\".");
        error.ShouldContain("what was made has been removed again");
        error.ShouldNotContain("cancelled");
        bench.Aws.Stacks.Find("yunpipe-sharpen").ShouldBeNull();
        bench.Aws.S3.Names.ShouldBe(["yunpipe-staging-123456789012-eu-central-1"]);
        bench.Aws.Stacks.Fails.Clear();
        await bench.Deployed();
    }

    [Fact]
    public async Task Killed_while_it_copies_it_goes_on_with_the_same_command()
    {
        await using var bench = await DeployBench.Open();
        var copying = new TaskCompletionSource();
        bench.Registry.Before = async request =>
        {
            if (!request.Path.Contains("/blobs/uploads/", StringComparison.Ordinal)) return null;
            copying.TrySetResult();
            await Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            return null;
        };
        using (var process = bench.Cli.Start("deploy", "workflow.yaml", "--yes", "--owner", "lab"))
        {
            await copying.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        bench.Aws.Stacks.Find("yunpipe-sharpen")!.Resources.ShouldBeEmpty();
        bench.Registry.Before = _ => Task.FromResult<TinyAnswer?>(null);
        await bench.Deployed();
        bench.Aws.Stacks.Find("yunpipe-sharpen")!.Status.ShouldBe("CREATE_COMPLETE");
        bench.Document().Steps.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Steps_may_name_one_wrapped_image()
    {
        await using var bench = await DeployBench.Open();
        var (wrapped, _, flaw) = await bench.Cli.Do("wrap", "copy.yaml", "--to", $"oci:{bench.Cli.Folder}/wrapped:1", "--check", "none");
        wrapped.ShouldBe(0, flaw);
        bench.Write("workflow.yaml", $"name: sharpen\nsteps: [{{name: first, algorithm: \"oci:{bench.Cli.Folder}/wrapped:1\"}}, {{name: second, algorithm: \"oci:{bench.Cli.Folder}/wrapped:1\"}}]\n");
        await bench.Deployed();
        bench.Document().Steps.Select(step => step.Image).Distinct().Count().ShouldBe(1);
        bench.Document().Steps[0].Program.ShouldBe(bench.Document().Steps[1].Program);
    }

    [Fact]
    public async Task An_image_that_several_algorithms_name_is_told_as_one()
    {
        await using var bench = await DeployBench.Open();
        var copy = await File.ReadAllTextAsync(Path.Combine(bench.Cli.Folder, "copy.yaml"), TestContext.Current.CancellationToken);
        foreach (var name in (string[])["one", "two", "three"]) bench.Write(name + ".yaml", copy.Replace("name: copy", $"name: {name}", StringComparison.Ordinal));
        bench.Write("workflow.yaml", "name: sharpen\nsteps: [{name: a, algorithm: ./one.yaml}, {name: b, algorithm: ./two.yaml}, {name: c, algorithm: ./three.yaml}, {name: d, algorithm: ./three.yaml}]\n");
        var (exit, _, error) = await bench.Deploy();
        exit.ShouldBe(0, error);
        error.ShouldContain("1 image will be copied to ECR, wrapped for 3 algorithms; layers that they share go once.\n");
        bench.Registry.Log.Count(line => line.StartsWith("PUT", StringComparison.Ordinal) && line.Contains("/manifests/", StringComparison.Ordinal)).ShouldBe(3);
        // Another algorithm later: one more of what is there.
        bench.Write("four.yaml", copy.Replace("name: copy", "name: four", StringComparison.Ordinal));
        bench.Write("workflow.yaml", "name: sharpen\nsteps: [{name: a, algorithm: ./one.yaml}, {name: b, algorithm: ./four.yaml}]\n");
        (await bench.Deploy()).Error.ShouldContain("1 image will be copied to ECR.\n");
    }

    [Fact]
    public async Task Nobody_is_asked_where_nobody_is()
    {
        await using var bench = await DeployBench.Open();
        var (exit, _, error) = await bench.Cli.Do("deploy", "workflow.yaml");
        exit.ShouldBe(2);
        error.ShouldContain("YP6224");
        bench.Aws.Stacks.Find("yunpipe-sharpen").ShouldBeNull();
        bench.Aws.S3.Names.ShouldBeEmpty();
        bench.Registry.Manifests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_template_needs_no_account_and_is_the_one_that_is_deployed()
    {
        await using var bench = await DeployBench.Open();
        var (exit, template, error) = await bench.Cli.Shell("env -u AWS_ENDPOINT_URL -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_REGION yunpipe deploy workflow.yaml --owner lab --template-only");
        exit.ShouldBe(0, error);
        var image = JsonNode.Parse(template)!["Resources"]!["StepFirstTask"]!["Properties"]!["ContainerDefinitions"]![0]!["Image"]!["Fn::Sub"];
        ((string)image!).ShouldStartWith("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/yunpipe/sharpen@sha256:");
        await bench.Deployed();
        var staged = bench.Aws.S3.Bucket("yunpipe-staging-123456789012-eu-central-1");
        Encoding.UTF8.GetString(staged.Find(staged.After("templates/").First())!.ToArray()).ShouldBe(template);
    }

    [Fact]
    public async Task A_bucket_of_ones_own_keeps_whatever_else_it_tells_anybody()
    {
        await using var bench = await DeployBench.Open();
        bench.Aws.S3.Bucket("microscope");
        bench.Aws.S3.Settings[("microscope", "notification")] =
            "<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><QueueConfiguration><Id>lab</Id><Queue>arn:aws:sqs:eu-central-1:1:lab</Queue><Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>";
        var (exit, output, error) = await bench.Deploy("--input", "s3://microscope/plates/");
        exit.ShouldBe(0, error);
        output.ShouldContain("s3://microscope/plates/");
        var told = bench.Aws.S3.Settings[("microscope", "notification")];
        told.ShouldContain("arn:aws:sqs:eu-central-1:1:lab");
        told.ShouldContain("EventBridgeConfiguration");
        bench.Document().Input.ShouldBe(new Yunpipe.Deployments.BucketPlace("microscope", "plates/"));
        (await bench.Deploy("--input", "s3://no-such-bucket")).Error.ShouldContain("YP6225: There is no bucket “no-such-bucket”.");
        bench.Aws.S3.Region = "us-west-2";
        (await bench.Deploy("--input", "s3://microscope")).Error.ShouldContain("YP6226");
    }

    [Fact]
    public async Task Mistakes_are_told_before_anything_is_made()
    {
        await using var bench = await DeployBench.Open();
        bench.Write("plain.yaml", "{name: plain, command: [tr, a, '${image}'], inputs: [image], outputs: {out: '*.x'}}");
        bench.Write("gone.yaml", "{name: gone, image: \"oci:./nowhere:1\", command: [tr, a, '${image}'], inputs: [image], outputs: {out: '*.x'}}");
        bench.Write("bad.yaml", "name: bad\nsteps: [{name: a, algorithm: ./plain.yaml}, {name: b, algorithm: ./gone.yaml}]\n");
        var said = new StringBuilder();
        foreach (var line in (string[])["deploy bad.yaml", "deploy workflow.yaml --name My_Lab", "deploy workflow.yaml --subnet subnet-1", "deploy workflow.yaml --machines first", "deploy workflow.yaml --log-days 31", "deploy workflow.yaml --most-tasks 0", "deploy workflow.yaml --mail nobody", "deploy workflow.yaml -i s3://lab/plates/ -o s3://lab/plates/results/", "deploy nowhere.yaml"])
        {
            var (exit, output, error) = await bench.Cli.Do([.. line.Split(' '), "--yes"]);
            said.Append(System.Globalization.CultureInfo.InvariantCulture, $"$ yunpipe {line}\n{output}{error}exit {exit}\n\n");
        }
        Golden.CheckFile("tests/Yunpipe.Aws.Tests/Golden/deploy-mistakes.txt", bench.Plain(said.ToString()));
        bench.Aws.S3.Names.ShouldBeEmpty();
        bench.Aws.Stacks.Calls.ShouldNotContain("CreateChangeSet");
    }

    [Fact]
    public async Task Keys_are_written_nowhere()
    {
        await using var bench = await DeployBench.Open();
        var (exit, output, error) = await bench.Cli.Shell("AWS_SECRET_ACCESS_KEY=very-secret-indeed yunpipe deploy workflow.yaml --yes --verbose");
        exit.ShouldBe(0, error);
        (output + error).ShouldNotContain("very-secret-indeed");
        foreach (var name in bench.Aws.S3.Names)
            foreach (var key in bench.Aws.S3.Bucket(name).After("")) Encoding.Latin1.GetString(bench.Aws.S3.Bucket(name).Find(key)!.ToArray()).ShouldNotContain("very-secret-indeed");
        foreach (var file in Directory.EnumerateFiles(bench.Cli.Folder, "*", SearchOption.AllDirectories)) Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).ShouldNotContain("very-secret-indeed");
    }
}
