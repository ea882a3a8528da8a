namespace Yunpipe.Documents;

/// <summary>Pieces of JSON Schema 2020-12, as nodes that <see cref="DocumentWriter"/> writes. The readers are the law; a schema is for editors
/// and other programs, and knows less: it cannot tell whether a name stands for something.</summary>
public static class SchemaNode
{
    public const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>A schema from keywords; a null value leaves the keyword out.</summary>
    public static MapNode Of(params ReadOnlySpan<(string Keyword, DocumentNode? Value)> keywords)
    {
        var builder = new NodeBuilder();
        foreach (var (keyword, value) in keywords) builder.Add(keyword, value);
        return builder.Build();
    }

    /// <summary>A map with these keys and no others.</summary>
    public static MapNode Map(string? description, IReadOnlyList<string> required, params ReadOnlySpan<(string Key, DocumentNode Value)> properties)
    {
        var builder = new NodeBuilder();
        foreach (var (key, value) in properties) builder.Add(key, value);
        return Of(("description", Text(description)), ("type", Text("object")), ("properties", builder.Build()),
            ("required", required.Count == 0 ? null : NodeBuilder.Texts(required)), ("additionalProperties", NodeBuilder.Flag(false)));
    }

    /// <summary>A map whose keys are names that the writer gives.</summary>
    public static MapNode Named(string? description, string? namePattern, DocumentNode value) =>
        Of(("description", Text(description)), ("type", Text("object")),
            ("propertyNames", namePattern is null ? null : Of(("pattern", Text(namePattern)))), ("additionalProperties", value));

    /// <summary>Text, which may look like a number or a flag: the readers take it as written.</summary>
    public static MapNode Words(string? description, string? pattern = null) =>
        Of(("description", Text(description)), ("type", NodeBuilder.Texts(["string", "number", "boolean"])), ("pattern", Text(pattern)));

    public static MapNode Flag(string? description) => Of(("description", Text(description)), ("type", Text("boolean")));

    public static MapNode Number(string? description, string? minimum = null, string? maximum = null, bool whole = false) =>
        Of(("description", Text(description)), ("type", Text(whole ? "integer" : "number")), ("minimum", Plain(minimum)), ("maximum", Plain(maximum)));

    public static MapNode Enum(string? description, IEnumerable<string> words) => Of(("description", Text(description)), ("enum", NodeBuilder.Texts(words)));

    /// <summary>A list of texts, or a single one.</summary>
    public static MapNode OneOrMany(string? description, DocumentNode item) => AnyOf(description, item, List(null, item));

    public static MapNode List(string? description, DocumentNode item) => Of(("description", Text(description)), ("type", Text("array")), ("items", item));

    public static MapNode AnyOf(string? description, params ReadOnlySpan<DocumentNode> options) =>
        Of(("description", Text(description)), ("anyOf", NodeBuilder.List(options.ToArray())));

    public static MapNode Nothing { get; } = Of(("type", NodeBuilder.Text("null")));

    /// <summary>A part of the same document under <c>$defs</c>.</summary>
    public static MapNode Ref(string name, string? description = null) => Of(("description", Text(description)), ("$ref", NodeBuilder.Text("#/$defs/" + name)));

    /// <summary>Sizes and durations as text with units.</summary>
    public static MapNode Size(string? description) =>
        Of(("description", Text(description)), ("type", NodeBuilder.Texts(["string", "integer"])), ("pattern", NodeBuilder.Text("^\\s*[0-9.]+\\s*([kKmMgGtT]([iI]?[bB])?|[bB])?\\s*$")));

    public static MapNode Duration(string? description) =>
        Of(("description", Text(description)), ("type", NodeBuilder.Texts(["string", "integer"])), ("pattern", NodeBuilder.Text("^\\s*(0|([0-9.]+\\s*[A-Za-z]+\\s*)+)\\s*$")));

    private static ScalarNode? Text(string? text) => text is null ? null : NodeBuilder.Text(text);

    private static ScalarNode? Plain(string? text) => text is null ? null : NodeBuilder.Plain(text);
}
