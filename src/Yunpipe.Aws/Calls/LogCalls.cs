using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Yunpipe.Aws.Calls;

/// <summary>The one call of CloudWatch Logs that reads them (Amazon CloudWatch Logs API reference, “FilterLogEvents”).</summary>
public sealed class LogCalls(AwsCalls calls)
{
    private const string Target = "Logs_20140328";

    /// <summary>Events of a group in the order of their time, page by page.</summary>
    /// <param name="pattern">Only events that fit it (<see cref="LogPattern"/>); null for all.</param>
    /// <param name="from">Milliseconds since 1970; null from the beginning.</param>
    /// <param name="to">Before this; null for no end.</param>
    public async IAsyncEnumerable<LogEvent> Events(string group, string? pattern, long? from, long? to, [EnumeratorCancellation] CancellationToken cancel)
    {
        string? next = null;
        do
        {
            var asked = new FilterAsked(group, pattern, from, to, next);
            var page = await calls.Json("logs", Target, "FilterLogEvents", asked, LogJson.Default.FilterAsked, LogJson.Default.FilterAnswer, cancel);
            foreach (var found in page.Events) yield return found;
            next = page.NextToken;
        }
        while (next is not null);
    }
}

/// <summary>What a line must hold (Amazon CloudWatch Logs user guide, “Filter pattern syntax”).</summary>
public static class LogPattern
{
    /// <summary>A pattern may have 1,024 letters.</summary>
    private const int Longest = 700;

    /// <summary>A text, anywhere in the line.</summary>
    public static string Of(string term) => $"\"{term}\"";

    /// <summary>Fields of a line that is a JSON document. A star in a value stands for anything.</summary>
    public static string Of(params IEnumerable<(string Field, string Value)> fields) => $"{{ {string.Join(" && ", fields.Select(field => $"($.{field.Field} = \"{field.Value}\")"))} }}";

    /// <summary>A value as it is, or a little more than that: what the syntax itself has a meaning for becomes a star, and so does what is too long. Who asks looks again.</summary>
    public static string Literal(string value)
    {
        var text = string.Concat(value.Select(c => c is '"' or '\\' or '*' || char.IsControl(c) ? '*' : c));
        return text.Length <= Longest ? text : text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)] + "*";
    }
}

/// <summary>A line of a log. Times are milliseconds since 1970.</summary>
/// <param name="LogStreamName">Of the task that wrote it.</param>
public sealed record LogEvent(string EventId, string LogStreamName, long Timestamp, string Message);

internal sealed record FilterAsked(string LogGroupName, string? FilterPattern, long? StartTime, long? EndTime, string? NextToken);

internal sealed record FilterAnswer
{
    public IReadOnlyList<LogEvent> Events { get; set; } = [];
    public string? NextToken { get; set; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FilterAsked))]
[JsonSerializable(typeof(FilterAnswer))]
internal sealed partial class LogJson : JsonSerializerContext;
