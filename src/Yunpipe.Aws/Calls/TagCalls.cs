using System.Text.Json.Serialization;

namespace Yunpipe.Aws.Calls;

/// <summary>Finds what carries a tag, whatever it is (Resource Groups Tagging API reference, version 2017-01-26).</summary>
public sealed class TagCalls(AwsCalls calls)
{
    /// <summary>ARNs of all that has the tag with this value, or with any; those that were removed lately may still be among them.</summary>
    public async Task<IReadOnlyList<string>> Find(string tag, string? value, CancellationToken cancel)
    {
        var found = new List<string>();
        string? next = null;
        do
        {
            var page = await calls.Json("tagging", "ResourceGroupsTaggingAPI_20170126", "GetResources", new TaggedAsked([new TagFilter(tag, value is null ? [] : [value])], next), TagJson.Default.TaggedAsked, TagJson.Default.TaggedAnswer, cancel);
            found.AddRange(page.ResourceTagMappingList.Select(mapping => mapping.ResourceArn));
            next = page.PaginationToken is { Length: > 0 } token ? token : null;
        }
        while (next is not null);
        return found;
    }
}

internal sealed record TagFilter(string Key, IReadOnlyList<string> Values);

internal sealed record TaggedAsked(IReadOnlyList<TagFilter> TagFilters, string? PaginationToken);

internal sealed record TaggedAnswer
{
    public IReadOnlyList<TaggedResource> ResourceTagMappingList { get; set; } = [];
    public string? PaginationToken { get; set; }
}

internal sealed record TaggedResource([property: JsonPropertyName("ResourceARN")] string ResourceArn);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TaggedAsked))]
[JsonSerializable(typeof(TaggedAnswer))]
internal sealed partial class TagJson : JsonSerializerContext;
