using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>CloudFormation's intrinsic functions and lists, as JSON. A JSON node has one place only, so each call makes a new one.</summary>
internal static class Cf
{
    public static JsonObject Ref(string id) => new() { ["Ref"] = id };

    public static JsonObject Get(string id, string attribute) => new() { ["Fn::GetAtt"] = List(id, attribute) };

    /// <summary>Text in which <c>${Resource}</c>, <c>${Resource.Attribute}</c> and <c>${AWS::Region}</c> are replaced.</summary>
    public static JsonObject Sub(string text) => new() { ["Fn::Sub"] = text };

    /// <summary>Text as it stands; where it has insertions, with what CloudFormation puts in their place.</summary>
    public static JsonNode Text(string text) => text.Contains("${", StringComparison.Ordinal) ? Sub(text) : text;

    public static JsonArray List(params IEnumerable<JsonNode?> items) => new([.. items]);

    public static JsonArray Texts(params IEnumerable<string> texts) => List(texts.Select(text => (JsonNode?)text));
}
