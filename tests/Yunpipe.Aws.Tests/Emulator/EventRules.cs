using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>The rules of EventBridge in a template, and what they let through (Amazon EventBridge user guide, “Event patterns”: every field named must have one of its values).</summary>
internal sealed class EventRules
{
    private readonly IReadOnlyList<JsonObject> _patterns;
    private readonly IReadOnlyDictionary<string, string> _buckets;

    /// <param name="template">As CloudFormation gets it.</param>
    /// <param name="buckets">Logical ids of buckets, and what they are called.</param>
    public EventRules(byte[] template, IReadOnlyDictionary<string, string> buckets) =>
        (_patterns, _buckets) = ([.. JsonNode.Parse(template)!["Resources"]!.AsObject().Select(resource => resource.Value!["Properties"]!["EventPattern"]).OfType<JsonObject>()], buckets);

    public bool Take(S3Event happened) => Take(EventForms.Bridged(happened));

    public bool Take(JsonObject happened) => _patterns.Any(pattern => Fits(pattern, happened));

    private bool Fits(JsonNode pattern, JsonNode? value) => pattern switch
    {
        JsonObject fields => value is JsonObject own && fields.All(field => Fits(field.Value!, own[field.Key])),
        JsonArray options => options.Any(option => IsOne(option!, value)),
        _ => throw new InvalidDataException($"A pattern holds {pattern.ToJsonString()}."),
    };

    private bool IsOne(JsonNode option, JsonNode? value) => value is JsonValue && (string)value! is var text && option switch
    {
        JsonObject condition when condition["prefix"] is { } prefix => text.StartsWith((string)prefix!, StringComparison.Ordinal),
        JsonObject reference when reference["Ref"] is { } id => text == _buckets.GetValueOrDefault((string)id!),
        JsonValue word => text == (string)word!,
        _ => throw new InvalidDataException($"A pattern holds {option.ToJsonString()}."),
    };
}
