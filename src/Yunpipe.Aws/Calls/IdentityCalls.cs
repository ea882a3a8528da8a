using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Yunpipe.Aws.Calls;

/// <summary>Who calls.</summary>
/// <param name="Arn">Of the user or the role.</param>
public sealed partial record AwsIdentity(string Account, string Arn)
{
    /// <summary>What policies are attached to: of a role that was taken on, the role itself.</summary>
    public string Principal => Assumed().Match(Arn) is { Success: true } role ? $"arn:{role.Groups[1].Value}:iam::{Account}:role/{role.Groups[2].Value}" : Arn;

    [GeneratedRegex("^arn:([^:]+):sts::[0-9]+:assumed-role/([^/]+)/")]
    private static partial Regex Assumed();
}

/// <summary>Questions about the caller (AWS STS and IAM API references).</summary>
public sealed class IdentityCalls(AwsCalls calls)
{
    public async Task<AwsIdentity> Who(CancellationToken cancel)
    {
        var answer = XDocument.Parse(await calls.Query("sts", "2011-06-15", "GetCallerIdentity", [], cancel));
        string Text(string name) => answer.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
        return new AwsIdentity(Text("Account"), Text("Arn"));
    }

    /// <summary>Which of these actions the caller's own policies do not allow.</summary>
    public async Task<IReadOnlyList<string>> Denied(AwsIdentity who, IReadOnlyList<string> actions, CancellationToken cancel)
    {
        List<KeyValuePair<string, string>> fields = [new("PolicySourceArn", who.Principal), new("MaxItems", "200"), .. actions.Select((action, n) => new KeyValuePair<string, string>(FormattableString.Invariant($"ActionNames.member.{n + 1}"), action))];
        var answer = XDocument.Parse(await calls.Query("iam", "2010-05-08", "SimulatePrincipalPolicy", fields, cancel));
        return [.. answer.Descendants().Where(element => element.Name.LocalName == "member" && Child(element, "EvalDecision") is { } decision && decision != "allowed").Select(element => Child(element, "EvalActionName") ?? "").Order(StringComparer.Ordinal)];
    }

    private static string? Child(XElement of, string name) => of.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
}
