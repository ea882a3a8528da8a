using System.Globalization;
using System.Xml.Linq;

namespace Yunpipe.Aws.Calls;

/// <summary>A stack as CloudFormation describes it.</summary>
/// <param name="Status">Such as <c>CREATE_COMPLETE</c>; <c>REVIEW_IN_PROGRESS</c> while there is only a change set.</param>
public sealed record StackDescription(string Name, string Status, string? StatusReason, IReadOnlyDictionary<string, string> Outputs);

/// <summary>What a change set would do to one resource.</summary>
/// <param name="Action">Add, Modify, Remove or Dynamic.</param>
/// <param name="Replacement">True, False or Conditional; null where nothing stands yet.</param>
public sealed record StackChange(string Action, string LogicalId, string Type, string? Replacement);

/// <summary>A change set: being made, made, or refused with a reason.</summary>
public sealed record ChangeSet(string Status, string? Reason, IReadOnlyList<StackChange> Changes);

/// <summary>One step of CloudFormation's work on a resource.</summary>
public sealed record StackEvent(string Id, string LogicalId, string Type, string Status, string? Reason, DateTimeOffset Time);

/// <summary>A resource that stands.</summary>
public sealed record StackResource(string LogicalId, string PhysicalId, string Type, string Status);

/// <summary>The calls of CloudFormation that deploying takes (AWS CloudFormation API reference, version 2010-05-15).</summary>
public sealed class StackCalls(AwsCalls calls)
{
    private const string Version = "2010-05-15";

    /// <summary>Null where there is no such stack.</summary>
    public async Task<StackDescription?> Describe(string stack, CancellationToken cancel)
    {
        try
        {
            var found = (await Ask("DescribeStacks", cancel, ("StackName", stack))).Descendants().First(element => element.Name.LocalName == "Stacks").Elements().FirstOrDefault();
            if (found is null) return null;
            var outputs = Members(found, "Outputs").ToDictionary(output => Text(output, "OutputKey") ?? "", output => Text(output, "OutputValue") ?? "", StringComparer.Ordinal);
            return new StackDescription(Text(found, "StackName") ?? stack, Text(found, "StackStatus") ?? "", Text(found, "StackStatusReason"), outputs);
        }
        catch (AwsRefusal refusal) when (IsAbsent(refusal))
        {
            return null;
        }
    }

    /// <param name="create">True where no stack stands yet.</param>
    /// <param name="address">Of the template in a bucket.</param>
    public async Task Propose(string stack, string changeSet, bool create, string address, IEnumerable<KeyValuePair<string, string>> tags, string token, CancellationToken cancel)
    {
        var fields = new List<(string, string)>
        {
            ("StackName", stack), ("ChangeSetName", changeSet), ("ChangeSetType", create ? "CREATE" : "UPDATE"), ("TemplateURL", address), ("Capabilities.member.1", "CAPABILITY_IAM"), ("ClientToken", token),
        };
        foreach (var (n, tag) in tags.Index())
        {
            fields.Add(($"Tags.member.{Number(n + 1)}.Key", tag.Key));
            fields.Add(($"Tags.member.{Number(n + 1)}.Value", tag.Value));
        }
        await Ask("CreateChangeSet", cancel, [.. fields]);
    }

    public async Task<ChangeSet> Proposed(string stack, string changeSet, CancellationToken cancel)
    {
        var changes = new List<StackChange>();
        string? next = null;
        do
        {
            var page = await Ask("DescribeChangeSet", cancel, [("StackName", stack), ("ChangeSetName", changeSet), .. next is null ? Array.Empty<(string, string)>() : [("NextToken", next)]]);
            var result = page.Descendants().First(element => element.Name.LocalName == "DescribeChangeSetResult");
            foreach (var change in Members(result, "Changes"))
                if (change.Elements().FirstOrDefault(element => element.Name.LocalName == "ResourceChange") is { } resource)
                    changes.Add(new StackChange(Text(resource, "Action") ?? "", Text(resource, "LogicalResourceId") ?? "", Text(resource, "ResourceType") ?? "", Text(resource, "Replacement")));
            next = Text(result, "NextToken");
            if (next is null) return new ChangeSet(Text(result, "Status") ?? "", Text(result, "StatusReason"), changes);
        }
        while (true);
    }

    public Task Execute(string stack, string changeSet, string token, CancellationToken cancel) =>
        Ask("ExecuteChangeSet", cancel, ("StackName", stack), ("ChangeSetName", changeSet), ("ClientRequestToken", token));

    public Task Withdraw(string stack, string changeSet, CancellationToken cancel) => Ask("DeleteChangeSet", cancel, ("StackName", stack), ("ChangeSetName", changeSet));

    public Task Delete(string stack, string token, CancellationToken cancel) => Ask("DeleteStack", cancel, ("StackName", stack), ("ClientRequestToken", token));

    /// <summary>Events, the newest first, down to the one that was known before, or to the beginning.</summary>
    /// <param name="known">Id of an event; null for all.</param>
    public async Task<IReadOnlyList<StackEvent>> Events(string stack, string? known, CancellationToken cancel)
    {
        var events = new List<StackEvent>();
        string? next = null;
        do
        {
            var page = await Ask("DescribeStackEvents", cancel, [("StackName", stack), .. next is null ? Array.Empty<(string, string)>() : [("NextToken", next)]]);
            foreach (var told in Members(page.Root!, "StackEvents"))
            {
                var id = Text(told, "EventId") ?? "";
                if (id == known) return events;
                events.Add(new StackEvent(id, Text(told, "LogicalResourceId") ?? "", Text(told, "ResourceType") ?? "", Text(told, "ResourceStatus") ?? "", Text(told, "ResourceStatusReason"),
                    DateTimeOffset.TryParse(Text(told, "Timestamp"), CultureInfo.InvariantCulture, out var time) ? time : default));
            }
            next = page.Descendants().FirstOrDefault(element => element.Name.LocalName == "NextToken")?.Value is { Length: > 0 } token ? token : null;
        }
        while (next is not null);
        return events;
    }

    public async Task<IReadOnlyList<StackResource>> Resources(string stack, CancellationToken cancel)
    {
        var resources = new List<StackResource>();
        string? next = null;
        do
        {
            var page = await Ask("ListStackResources", cancel, [("StackName", stack), .. next is null ? Array.Empty<(string, string)>() : [("NextToken", next)]]);
            foreach (var resource in Members(page.Root!, "StackResourceSummaries"))
                resources.Add(new StackResource(Text(resource, "LogicalResourceId") ?? "", Text(resource, "PhysicalResourceId") ?? "", Text(resource, "ResourceType") ?? "", Text(resource, "ResourceStatus") ?? ""));
            next = page.Descendants().FirstOrDefault(element => element.Name.LocalName == "NextToken")?.Value is { Length: > 0 } token ? token : null;
        }
        while (next is not null);
        return resources;
    }

    public static bool IsAbsent(AwsRefusal refusal) => refusal.Code is "ValidationError" && refusal.Sentence.Contains("does not exist", StringComparison.Ordinal) || refusal.Code is "ChangeSetNotFound";

    private async Task<XDocument> Ask(string action, CancellationToken cancel, params (string Name, string Value)[] fields) =>
        XDocument.Parse(await calls.Query("cloudformation", Version, action, fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value)), cancel));

    private static IEnumerable<XElement> Members(XElement within, string list) =>
        within.DescendantsAndSelf().FirstOrDefault(element => element.Name.LocalName == list)?.Elements().Where(element => element.Name.LocalName == "member") ?? [];

    private static string? Text(XElement of, string name) => of.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value is { Length: > 0 } text ? text : null;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
