using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>The part of CloudWatch Logs that Yunpipe reads: groups of lines, asked by time and by a text in them, a few a page.</summary>
internal sealed partial class SmallLogs
{
    private const int Page = 3;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(string Id, string Stream, long Time, string Message)>> _groups = new(StringComparer.Ordinal);

    public int Calls { get; private set; }

    public void Make(string group)
    {
        lock (_lock) _groups.TryAdd(group, []);
    }

    public void Drop(string group)
    {
        lock (_lock) _groups.Remove(group);
    }

    public void Write(string group, string stream, DateTimeOffset time, string message)
    {
        Make(group);
        lock (_lock) _groups[group].Add(($"event-{group}-{_groups[group].Count}", stream, time.ToUnixTimeMilliseconds(), message));
    }

    public HttpResponse? Answer(HttpRequest request)
    {
        if (request.Header("X-Amz-Target") is not { } target || !target.StartsWith("Logs_20140328.", StringComparison.Ordinal)) return null;
        if (target != "Logs_20140328.FilterLogEvents") return Refused("UnknownOperationException", "No such action.");
        var asked = JsonNode.Parse(request.Body)!;
        lock (_lock)
        {
            Calls++;
            if (!_groups.TryGetValue((string)asked["logGroupName"]!, out var group)) return Refused("ResourceNotFoundException", "The specified log group does not exist.");
            var fits = Pattern((string?)asked["filterPattern"]);
            var skip = int.Parse((string?)asked["nextToken"] ?? "0", CultureInfo.InvariantCulture);
            var found = group.Where(line => line.Time >= ((long?)asked["startTime"] ?? 0) && line.Time < ((long?)asked["endTime"] ?? long.MaxValue) && fits(line.Message))
                .OrderBy(line => line.Time).Skip(skip).ToList();
            var answer = new JsonObject
            {
                ["events"] = new JsonArray([.. found.Take(Page).Select(line => new JsonObject { ["eventId"] = line.Id, ["logStreamName"] = line.Stream, ["timestamp"] = line.Time, ["message"] = line.Message })]),
            };
            if (found.Count > Page) answer["nextToken"] = (skip + Page).ToString(CultureInfo.InvariantCulture);
            return HttpResponse.Text(200, "application/x-amz-json-1.1", answer.ToJsonString());
        }
    }

    /// <summary>A text, or fields of a JSON document with stars in their values.</summary>
    private static Func<string, bool> Pattern(string? pattern)
    {
        if (pattern is null) return _ => true;
        if (!pattern.StartsWith('{')) return message => message.Contains(pattern.Trim('"'), StringComparison.Ordinal);
        var fields = Field().Matches(pattern).Select(field => (Name: field.Groups[1].Value, Value: new Regex($"^{Regex.Escape(field.Groups[2].Value).Replace("\\*", ".*")}$", RegexOptions.Singleline))).ToList();
        if (Field().Replace(pattern, "()") is var rest && rest.Replace(" && ", "", StringComparison.Ordinal) != $"{{ {string.Concat(fields.Select(_ => "()"))} }}") throw new InvalidDataException($"No pattern: {pattern}");
        return message => message.StartsWith('{') && JsonNode.Parse(message) is JsonObject line && fields.All(field => (string?)line[field.Name] is { } value && field.Value.IsMatch(value));
    }

    [GeneratedRegex("""\(\$\.([a-z]+) = "([^"]*)"\)""")]
    private static partial Regex Field();

    private static HttpResponse Refused(string code, string message) => HttpResponse.Text(400, "application/x-amz-json-1.1", new JsonObject { ["__type"] = code, ["message"] = message }.ToJsonString());
}
