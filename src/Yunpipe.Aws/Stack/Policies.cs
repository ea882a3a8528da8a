using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>Roles and the statements in them. Every action is named, and every resource that AWS lets one name.</summary>
internal static class Policies
{
    public static JsonObject Allow(IEnumerable<string> actions, JsonNode resources, JsonObject? condition = null) => Statement("Allow", actions, resources, condition);

    public static JsonObject Document(params IEnumerable<JsonNode> statements) => new() { ["Version"] = "2012-10-17", ["Statement"] = Cf.List(statements) };

    /// <summary>A role that one service takes on, and only for things of this account: who else asks in the service's name is refused.</summary>
    public static JsonObject Role(string service, string name, params IEnumerable<JsonNode> statements) => new()
    {
        ["AssumeRolePolicyDocument"] = Document(new JsonObject
        {
            ["Effect"] = "Allow", ["Principal"] = new JsonObject { ["Service"] = service }, ["Action"] = "sts:AssumeRole",
            // EC2 gives no source to its instances' roles.
            ["Condition"] = service == "ec2.amazonaws.com" ? null : new JsonObject { ["StringEquals"] = new JsonObject { ["aws:SourceAccount"] = Cf.Ref("AWS::AccountId") } },
        }.WithoutNulls()),
        ["Policies"] = Cf.List(new JsonObject { ["PolicyName"] = name, ["PolicyDocument"] = Document(statements) }),
    };

    /// <summary>Refuses whoever does not speak TLS.</summary>
    public static JsonObject TlsOnly(string actions, JsonNode resources) => new()
    {
        ["Sid"] = "TlsOnly", ["Effect"] = "Deny", ["Principal"] = "*", ["Action"] = actions, ["Resource"] = resources,
        ["Condition"] = new JsonObject { ["Bool"] = new JsonObject { ["aws:SecureTransport"] = "false" } },
    };

    public static JsonObject WithoutNulls(this JsonObject node)
    {
        foreach (var name in node.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList()) node.Remove(name);
        return node;
    }

    private static JsonObject Statement(string effect, IEnumerable<string> actions, JsonNode resources, JsonObject? condition)
    {
        var statement = new JsonObject { ["Effect"] = effect, ["Action"] = Cf.Texts(actions), ["Resource"] = resources };
        if (condition is not null) statement["Condition"] = condition;
        return statement;
    }
}
