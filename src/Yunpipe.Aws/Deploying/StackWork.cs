using Yunpipe.Aws.Calls;
using Yunpipe.Documents;

namespace Yunpipe.Aws.Deploying;

/// <summary>How far CloudFormation is.</summary>
/// <param name="Done">Resources that have come to their end.</param>
/// <param name="Now">What was begun last, as <c>AWS::S3::Bucket InputBucket</c>.</param>
public sealed record StackProgress(int Done, int Total, string Now);

/// <summary>Makes, changes and removes a stack, and waits for it.
/// <code>
/// status of the stack                    then
/// none, REVIEW_IN_PROGRESS               a change set of kind CREATE
/// ROLLBACK_COMPLETE, …_FAILED of CREATE  what is left of the first try is removed, then as for none
/// …_COMPLETE                             a change set of kind UPDATE
/// …_IN_PROGRESS                          somebody else is at it: a problem
/// UPDATE_ROLLBACK_FAILED                 a problem: it has to be continued by hand
/// </code></summary>
public sealed class StackWork(StackCalls calls, TimeProvider time, string stack)
{
    public const string Busy = "YP6220", Stuck = "YP6221", Failed = "YP6222", NotProposed = "YP6223";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    public TimeSpan BetweenLooks { get; init; } = Pause;

    /// <summary>Where a change can begin: whether a stack stands; or why not.</summary>
    public async Task<Reading<StackStart>> Begin(Action<StackProgress> progress, CancellationToken cancel)
    {
        if (await calls.Describe(stack, cancel) is not { } standing || standing.Status is "REVIEW_IN_PROGRESS" or "DELETE_COMPLETE") return new(new StackStart(false), []);
        if (standing.Status.EndsWith("_IN_PROGRESS", StringComparison.Ordinal))
            return new(null, [new Problem(Busy, $"CloudFormation is at work on the stack {stack}: {standing.Status}.", null, "Wait until it is done, then do the same again.")]);
        if (standing.Status is "UPDATE_ROLLBACK_FAILED" or "DELETE_FAILED")
            return new(null, [new Problem(Stuck, $"The stack {stack} is stuck: {standing.StatusReason ?? standing.Status}.", null, "Look at it in the CloudFormation console: “continue update rollback”; or remove the deployment and deploy it again.")]);
        if (standing.Status is not ("ROLLBACK_COMPLETE" or "ROLLBACK_FAILED" or "CREATE_FAILED")) return new(new StackStart(true), []);
        var gone = await Delete(progress, cancel);
        return gone is null ? new(new StackStart(false), []) : new(null, [gone]);
    }

    /// <summary>Proposes a template. Without a value and without problems, nothing would change.</summary>
    public async Task<Reading<ChangeSet>> Propose(string changeSet, bool create, string template, IEnumerable<KeyValuePair<string, string>> tags, CancellationToken cancel)
    {
        await calls.Propose(stack, changeSet, create, template, tags, changeSet, cancel);
        while (true)
        {
            var set = await calls.Proposed(stack, changeSet, cancel);
            switch (set.Status)
            {
                case "CREATE_COMPLETE":
                    return new(set, []);
                case "FAILED" when set.Reason is { } reason && (reason.Contains("didn't contain changes", StringComparison.Ordinal) || reason.Contains("No updates are to be performed", StringComparison.Ordinal)):
                    await calls.Withdraw(stack, changeSet, cancel);
                    return new(null, []);
                case "FAILED":
                    return new(null, [new Problem(NotProposed, $"CloudFormation does not take the template: {(set.Reason ?? "no reason was given").TrimEnd('.')}.", null, "Tell us: this is a bug in Yunpipe, or a limit of your account.")]);
            }
            await Task.Delay(BetweenLooks, time, cancel);
        }
    }

    /// <summary>Carries a proposal out. Where it fails, CloudFormation takes back what it did, and the first real reason is the problem.</summary>
    public async Task<Problem?> Execute(string changeSet, bool create, int total, Action<StackProgress> progress, CancellationToken cancel)
    {
        var last = await Newest(cancel);
        await calls.Execute(stack, changeSet, changeSet, cancel);
        var end = await Wait(last, total, progress, cancel);
        if (end.Status is "CREATE_COMPLETE" or "UPDATE_COMPLETE") return null;
        var taken = create ? "what was made has been removed again" : "everything is as it was before";
        return new Problem(Failed, $"The stack {stack} could not be {(create ? "made" : "changed")}: {end.Reason.TrimEnd('.')}.", null,
            end.Status.Contains("ROLLBACK_COMPLETE", StringComparison.Ordinal) ? $"Mend that and deploy again; {taken}." : "Remove the deployment, mend that, and deploy again.");
    }

    /// <summary>Removes the stack, whatever is left of it; null where that went well.</summary>
    public async Task<Problem?> Delete(Action<StackProgress> progress, CancellationToken cancel)
    {
        if (await calls.Describe(stack, cancel) is not { } standing || standing.Status == "DELETE_COMPLETE") return null;
        var total = (await calls.Resources(stack, cancel)).Count(resource => resource.Status != "DELETE_COMPLETE");
        var last = await Newest(cancel);
        await calls.Delete(stack, $"remove-{time.GetUtcNow().ToUnixTimeMilliseconds()}", cancel);
        var end = await Wait(last, total, progress, cancel);
        return end.Status == "DELETE_COMPLETE" ? null
            : new Problem(Failed, $"The stack {stack} could not be removed: {end.Reason.TrimEnd('.')}.", null, "Mend that, and the same command goes on.");
    }

    /// <summary>Until the stack is at rest: its status, and the first reason that was given for a failure and not merely for the end of the rest.</summary>
    private async Task<(string Status, string Reason)> Wait(string? known, int total, Action<StackProgress> progress, CancellationToken cancel)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        var events = new List<StackEvent>();
        while (true)
        {
            var status = "DELETE_COMPLETE";
            try
            {
                var news = await calls.Events(stack, known, cancel);
                events.AddRange(news.Reverse());
                if (news is [var newest, ..]) known = newest.Id;
                foreach (var each in news.Where(each => each.Status.EndsWith("_COMPLETE", StringComparison.Ordinal) && each.LogicalId != stack)) done.Add(each.LogicalId);
                if (news.FirstOrDefault(each => each.Type != "AWS::CloudFormation::Stack" && each.Status.EndsWith("_IN_PROGRESS", StringComparison.Ordinal)) is { } begun)
                    progress(new StackProgress(Math.Min(done.Count, total), total, $"{begun.Type} {begun.LogicalId}"));
                else progress(new StackProgress(Math.Min(done.Count, total), total, ""));
                if (await calls.Describe(stack, cancel) is { } standing) status = standing.Status;
            }
            catch (AwsRefusal refusal) when (StackCalls.IsAbsent(refusal))
            {
                // A stack that is gone has no events any more.
            }
            if (!status.EndsWith("_IN_PROGRESS", StringComparison.Ordinal)) return (status, FirstReason(events) ?? status);
            await Task.Delay(BetweenLooks, time, cancel);
        }
    }

    private async Task<string?> Newest(CancellationToken cancel) => await calls.Events(stack, null, cancel) is [var newest, ..] ? newest.Id : null;

    internal static string? FirstReason(IEnumerable<StackEvent> events)
    {
        var first = events.FirstOrDefault(each => each.Status.EndsWith("_FAILED", StringComparison.Ordinal) && each.Reason is { Length: > 0 } reason
            && !reason.Contains("cancelled", StringComparison.OrdinalIgnoreCase) && !reason.StartsWith("The following resource(s) failed", StringComparison.Ordinal));
        return first is null ? null : $"{first.LogicalId} ({first.Type}): {first.Reason!.Trim()}";
    }
}

/// <param name="Stands">True where a change is of something that stands.</param>
public sealed record StackStart(bool Stands);
