using System.CommandLine;
using Yunpipe.Aws.Deploying;
using Yunpipe.Aws.Stack;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Deploying;
using Yunpipe.Cli.Images;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe deploy</c>: makes a workflow stand on AWS, where uploading an image is all that is left to do.</summary>
internal static class DeployCommand
{
    public static Command Create(CliContext context)
    {
        var workflow = new Argument<string>("workflow") { Description = "A workflow file.", HelpName = "WORKFLOW" };
        var options = new DeployOptions();
        var registry = new RegistryOptions();
        var command = new Command("deploy", """
            Makes a workflow stand on AWS: one bucket takes images, another shows results, and nothing runs while there is nothing to do.
              What would change and what it costs is said before anything is made. The same command again changes what stands.
            """) { workflow };
        foreach (var option in (Option[])[.. options.All, .. registry.All]) command.Options.Add(option);
        command.SetAction(async (parse, _) =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var read = options.Read(context, parse, parse.GetRequiredValue(workflow), registry.Read(context, parse));
            if (read.Value is not { } asked) return context.Terminal.Tell(read.Problems, json);
            return await CloudErrors.Tell(context, json, () => new DeployRun(context, asked, json, parse.GetValue(GlobalOptions.Quiet)).Execute(context.Interrupts.Finish));
        });
        return command;
    }
}

/// <summary>What a person asks to be deployed.</summary>
/// <param name="Name">Null takes the workflow's.</param>
/// <param name="Input">The user's own bucket; null makes one.</param>
internal sealed record DeployRequest(string Workflow, string? Name, string Owner, BucketChoice? Input, BucketChoice? Results, IReadOnlyList<string> Settings, CapacityChoice Capacity)
{
    public required ImagePlaceSettings Places { get; init; }
    public OwnNetwork? Network { get; init; }
    public string? Mail { get; init; }
    public int LogDays { get; init; }
    public int IntermediateDays { get; init; }
    public int SettleSeconds { get; init; }
    public bool TemplateOnly { get; init; }
    public bool Yes { get; init; }
}

/// <summary>The options of deploy.</summary>
internal sealed class DeployOptions
{
    private readonly Option<string?> _name = new("--name") { Description = "What the deployment is called: lower-case letters, digits and hyphens. [the workflow's name]", HelpName = "NAME" };
    private readonly Option<string?> _owner = new("--owner") { Description = "Who pays and is asked: a tag on everything. [your user name]", HelpName = "WHO" };
    private readonly Option<string?> _input = new("--input", "-i") { Description = "Take images from a bucket of your own, or a part of it. [a new bucket]", HelpName = "s3://BUCKET/PREFIX" };
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Show results in a bucket of your own. [a new bucket]", HelpName = "s3://BUCKET/PREFIX" };
    private readonly Option<string[]> _set = new("--set") { Description = "Give a variable of a step another value; may be repeated.", HelpName = "STEP.VARIABLE=VALUE" };
    private readonly Option<bool> _ec2 = new("--ec2") { Description = "Run on machines of your own account (EC2) also where Fargate would do: cheaper for long work, slower to start." };
    private readonly Option<string[]> _machines = new("--machines") { Description = "Run a step on these kinds of machines; may be repeated. [chosen by price]", HelpName = "STEP=TYPE,TYPE" };
    private readonly Option<bool> _spot = new("--spot") { Description = "Take spare capacity first, at about a third of the price: it may be taken back, and the job is then done again." };
    private readonly Option<int> _most = new("--most-tasks") { Description = "Tasks of one step at once.", HelpName = "N", DefaultValueFactory = _ => 20 };
    private readonly Option<string[]> _subnets = new("--subnet") { Description = "Run in a subnet of your own; may be repeated. [a new network]", HelpName = "ID" };
    private readonly Option<string[]> _groups = new("--security-group") { Description = "Security group of the tasks in your own subnets; may be repeated.", HelpName = "ID" };
    private readonly Option<bool> _private = new("--no-public-address") { Description = "Your own subnets reach AWS by themselves (NAT or endpoints): tasks get no public address." };
    private readonly Option<string?> _mail = new("--mail") { Description = "Send a mail when work is finished or set aside, and for alarms.", HelpName = "ADDRESS" };
    private readonly Option<int> _logDays = new("--log-days") { Description = "Keep logs for so many days.", HelpName = "DAYS", DefaultValueFactory = _ => 30 };
    private readonly Option<int> _keepDays = new("--keep-intermediates") { Description = "Keep what steps between first and last made for so many days; 0 keeps it for good.", HelpName = "DAYS", DefaultValueFactory = _ => 30 };
    private readonly Option<int> _settle = new("--settle") { Description = "A group, or an image that is a folder, counts as whole when nothing was added to it for so many seconds, unless a count or a marker says so before.", HelpName = "SECONDS", DefaultValueFactory = _ => 300 };
    private readonly Option<bool> _template = new("--template-only") { Description = "Print the CloudFormation template and do nothing else." };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask." };

    /// <summary>Days for which CloudWatch keeps logs: it takes no others.</summary>
    private static readonly int[] LogDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

    public IReadOnlyList<Option> All => [_name, _owner, _input, _output, _set, _ec2, _machines, _spot, _most, _subnets, _groups, _private, _mail, _logDays, _keepDays, _settle, _template, _yes];

    /// <summary>Those that say what would be deployed, and not how it is asked.</summary>
    public IReadOnlyList<Option> Looking => [.. All.Except([_template, _yes])];

    public Reading<DeployRequest> Read(CliContext context, ParseResult parse, string workflow, ImagePlaceSettings places)
    {
        var problems = new List<Problem>();
        void Wrong(string message, string? advice = null) => problems.Add(new Problem("YP5000", message, null, advice));
        var name = parse.GetValue(_name);
        if (name is not null && !DeploymentNames.IsName(name)) Wrong($"{Wording.Quote(name)} cannot be the name of a deployment.", $"{DeploymentNames.Rule} It could be {DeploymentNames.Of(name)}.");
        var machines = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var text in parse.GetValue(_machines) ?? [])
            if (text.Split('=', 2) is [{ Length: > 0 } step, { Length: > 0 } types]) machines[step] = types.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            else Wrong($"--machines wants a step and kinds of machines, and {Wording.Quote(text)} is none.", "Write --machines segment=g4dn.xlarge,g5.xlarge.");
        var (subnets, groups) = (parse.GetValue(_subnets) ?? [], parse.GetValue(_groups) ?? []);
        if (subnets.Length > 0 != groups.Length > 0) Wrong("Subnets and security groups of your own come together.", "Give both --subnet and --security-group, or neither.");
        var logDays = parse.GetValue(_logDays);
        if (!LogDays.Contains(logDays)) Wrong($"CloudWatch does not keep logs for {Words.Count(logDays, "day")}.", $"Choose {LogDays.MinBy(days => Math.Abs(days - logDays))}.");
        var keepDays = parse.GetValue(_keepDays);
        if (keepDays < 0) Wrong("--keep-intermediates cannot be less than 0.", "0 keeps them for good.");
        if (parse.GetValue(_settle) < 1) Wrong("--settle is at least one second.");
        if (parse.GetValue(_most) is < 1 or > 1000) Wrong("--most-tasks is between 1 and 1000.");
        if (parse.GetValue(_mail) is { } mail && (mail.Count(c => c == '@') != 1 || mail.StartsWith('@') || mail.EndsWith('@'))) Wrong($"{Wording.Quote(mail)} is not a mail address.");
        var (input, output) = (Bucket(parse.GetValue(_input), problems), Bucket(parse.GetValue(_output), problems));
        var owner = parse.GetValue(_owner) ?? context.Environment.GetValueOrDefault("USER") ?? context.Environment.GetValueOrDefault("LOGNAME") ?? "unknown";
        return new(problems.Count > 0 ? null : new DeployRequest(workflow, name, owner, input, output, parse.GetValue(_set) ?? [],
            new CapacityChoice(parse.GetValue(_ec2), parse.GetValue(_spot), machines, parse.GetValue(_most)))
        {
            Places = places, Network = subnets.Length > 0 ? new OwnNetwork(subnets, groups, !parse.GetValue(_private)) : null, Mail = parse.GetValue(_mail), LogDays = logDays, IntermediateDays = keepDays, SettleSeconds = parse.GetValue(_settle),
            TemplateOnly = parse.GetValue(_template), Yes = parse.GetValue(_yes),
        }, problems);
    }

    private static BucketChoice? Bucket(string? place, List<Problem> problems)
    {
        if (place is null) return null;
        var read = S3Address.Read(place);
        problems.AddRange(read.Problems);
        return read.Value is { Address: var at } ? new BucketChoice(at.Bucket, at.Prefix) : null;
    }
}
