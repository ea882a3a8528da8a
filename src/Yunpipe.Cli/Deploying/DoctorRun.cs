using Yunpipe.Algorithms;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Deploying;
using Yunpipe.Aws.Stack;
using Yunpipe.Cli.Commands;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Deploying;

/// <summary>Looks at all that deploying depends on, and tells each as a line.</summary>
internal sealed class DoctorRun(CliContext context, DeployRequest asked, bool json)
{
    private readonly List<CheckLine> _lines = [];
    private readonly FoundAlgorithms _found = new(context.Algorithms);

    public async Task<int> Execute(CancellationToken cancel)
    {
        using var account = await Account(cancel);
        var steps = asked.Workflow.Length == 0 ? null : await Workflow(cancel);
        if (account is not null)
        {
            IReadOnlyList<string> needed = steps?.Any(step => step.Capacity.Kind is CapacityKind.Machines) == true || asked.Capacity.Machines ? [.. Permissions.Needed, .. Permissions.ForMachines] : Permissions.Needed;
            Say(await Permissions.Look(new IdentityCalls(account.Calls), account.Who, needed, cancel));
            await Bucket(account, "input bucket", asked.Input, cancel);
            await Bucket(account, "results bucket", asked.Results, cancel);
            if (asked.Network is { } network) foreach (var line in (await NetworkCheck.Look(new NetworkCalls(account.Calls), network, account.Region, cancel)).Lines) Say(line);
        }
        var bad = _lines.Count(line => line.Kind is CheckKind.Bad);
        if (json) context.Terminal.Json(new DoctorDocument(bad == 0, [.. _lines.Select(line => new DoctorLine(line.Topic, line.Kind.ToString().ToLowerInvariant(), line.Says, line.Advice))]), VerbsJson.Default.DoctorDocument);
        else context.Terminal.Out.WriteLine(bad == 0 ? "Nothing stands in the way of deploying." : $"{Words.Count(bad, "thing")} to mend before deploying.");
        return bad == 0 ? ExitCode.AllDone : ExitCode.Usage;
    }

    private async Task<CloudAccount?> Account(CancellationToken cancel)
    {
        try
        {
            var account = await CloudAccount.Open(context, cancel);
            Say(new CheckLine("credentials", CheckKind.Good, $"You are {account.Who.Arn}, in the account {account.Who.Account}, region {account.Region}."));
            return account;
        }
        catch (Exception error) when (error is AwsRefusal or UnauthorizedAccessException or IOException)
        {
            Say(new CheckLine("credentials", CheckKind.Bad, error.Message, "Log in (aws configure, aws sso login), or set AWS_PROFILE."));
        }
        catch (YunpipeException error)
        {
            Say(new CheckLine("region", CheckKind.Bad, error.Problem.Message, error.Problem.Advice));
        }
        return null;
    }

    private async Task<IReadOnlyList<StackStep>?> Workflow(CancellationToken cancel)
    {
        var read = PlanReader.Read(asked.Workflow, _found.Find, asked.Settings);
        if (read.Value is not { } plan || read.Problems.Count > 0)
        {
            foreach (var problem in read.Problems) Say("workflow", problem);
            return null;
        }
        Say(new CheckLine("workflow", CheckKind.Good, $"{asked.Workflow} has {Words.Count(plan.Steps.Count, "step")} and no flaw."));
        await using var images = new DeployImages(context, asked.Places, DeploymentNames.Repository(DeploymentNames.Of(plan.Workflow.Name)), null);
        foreach (var problem in await images.Plan(plan, _found.All, cancel)) Say("image", problem);
        foreach (var image in images.All.Values.DistinctBy(image => image.Source))
            Say(new CheckLine("image", CheckKind.Good, $"{Words.Name(image.Source)} is reached, and made for {image.Plan.Parts[0].Platform}."));
        var steps = StackSteps.Of(plan, images.ForStack(plan), new Dictionary<string, IReadOnlyList<string>>(), asked.Capacity);
        foreach (var problem in steps.Problems.Where(problem => DeployImages.IsNews(plan, problem))) Say("step", problem);
        foreach (var step in steps.Value ?? [])
            if (!FargateSize.Holds(step.Size, out var why) && !asked.Capacity.Machines) Say(new CheckLine("step", CheckKind.Advice, $"{step.Name} runs on machines, since {why}.", "They take a few minutes to start."));
        if (plan.Steps.Where(step => !step.Algorithm.Network).Select(step => step.Name).ToList() is { Count: > 0 } closed)
            Say(new CheckLine("network-off", CheckKind.Advice, $"On AWS {(closed.Count == plan.Steps.Count ? "every step" : Wording.AllOf(closed))} can reach the internet: that algorithms have no network is kept only on one machine.",
                "In subnets of your own without a way out, with endpoints, it is kept too."));
        return steps.Value;
    }

    private async Task Bucket(CloudAccount account, string topic, BucketChoice? bucket, CancellationToken cancel)
    {
        if (bucket?.Existing is not { } name) return;
        var region = await Buckets.RegionOf(account.Connection.S3(), name, cancel);
        if (region is null) Say(new CheckLine(topic, CheckKind.Bad, $"There is no bucket {Wording.Quote(name)}.", "Check its name; or leave it out, and one is made."));
        else if (region != account.Region) Say(new CheckLine(topic, CheckKind.Bad, $"The bucket {Wording.Quote(name)} is in {region}; this would deploy to {account.Region}.", $"Deploy beside it: AWS_REGION={region}."));
        else if (topic.StartsWith("input", StringComparison.Ordinal) && await Buckets.TellEvents(account.Connection.S3(), name, write: false, cancel))
            Say(new CheckLine(topic, CheckKind.Good, $"{name} is here; deploying makes it tell EventBridge of uploads, and leaves all else that it tells anybody."));
        else Say(new CheckLine(topic, CheckKind.Good, $"{name} is here."));
    }

    private void Say(string topic, Problem problem) => Say(new CheckLine(topic, CheckKind.Bad, $"{(problem.Where is { File: { Length: > 0 } } where ? $"{where}: " : "")}{problem.Message}", problem.Advice));

    private void Say(CheckLine line)
    {
        _lines.Add(line);
        if (json) return;
        var sign = line.Kind switch { CheckKind.Good => "ok", CheckKind.Advice => "note", CheckKind.Unknown => "?", _ => "bad" };
        context.Terminal.Out.WriteLine($"{sign,-5}{line.Topic + ":",-16}{line.Says}{(line.Advice is null ? "" : " " + line.Advice)}");
    }
}

internal sealed record DoctorDocument(bool Ok, IReadOnlyList<DoctorLine> Lines);

/// <param name="Kind">good, advice, unknown or bad.</param>
internal sealed record DoctorLine(string Topic, string Kind, string Says, string? Advice);
