using System.Globalization;
using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>The part of CloudWatch Logs that Yunpipe reads: groups of lines, asked by time and by a text in them, a few a page.</summary>
internal sealed class SmallLogs
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
            var term = ((string?)asked["filterPattern"])?.Trim('"');
            var skip = int.Parse((string?)asked["nextToken"] ?? "0", CultureInfo.InvariantCulture);
            var found = group.Where(line => line.Time >= ((long?)asked["startTime"] ?? 0) && line.Time < ((long?)asked["endTime"] ?? long.MaxValue) && (term is null || line.Message.Contains(term, StringComparison.Ordinal)))
                .OrderBy(line => line.Time).Skip(skip).ToList();
            var answer = new JsonObject
            {
                ["events"] = new JsonArray([.. found.Take(Page).Select(line => new JsonObject { ["eventId"] = line.Id, ["logStreamName"] = line.Stream, ["timestamp"] = line.Time, ["message"] = line.Message })]),
            };
            if (found.Count > Page) answer["nextToken"] = (skip + Page).ToString(CultureInfo.InvariantCulture);
            return HttpResponse.Text(200, "application/x-amz-json-1.1", answer.ToJsonString());
        }
    }

    private static HttpResponse Refused(string code, string message) => HttpResponse.Text(400, "application/x-amz-json-1.1", new JsonObject { ["__type"] = code, ["message"] = message }.ToJsonString());
}
