using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Yunpipe.Aws.Calls;

/// <summary>The one call of CloudWatch Logs that reads them (Amazon CloudWatch Logs API reference, “FilterLogEvents”).</summary>
public sealed class LogCalls(AwsCalls calls)
{
    private const string Target = "Logs_20140328";

    /// <summary>Events of a group in the order of their time, page by page.</summary>
    /// <param name="term">Only events that hold this text; null for all.</param>
    /// <param name="from">Milliseconds since 1970; null from the beginning.</param>
    /// <param name="to">Before this; null for no end.</param>
    public async IAsyncEnumerable<LogEvent> Events(string group, string? term, long? from, long? to, [EnumeratorCancellation] CancellationToken cancel)
    {
        string? next = null;
        do
        {
            var asked = new FilterAsked(group, term is null ? null : $"\"{term}\"", from, to, next);
            var page = await calls.Json("logs", Target, "FilterLogEvents", asked, LogJson.Default.FilterAsked, LogJson.Default.FilterAnswer, cancel);
            foreach (var found in page.Events) yield return found;
            next = page.NextToken;
        }
        while (next is not null);
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
