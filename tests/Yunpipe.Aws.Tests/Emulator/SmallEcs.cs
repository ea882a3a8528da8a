using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Yunpipe.Aws.Calls;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>A task as the emulator keeps it.</summary>
internal sealed record SmallTask(string Arn, string Definition, string Capacity, DateTimeOffset Created, JsonNode? Overrides)
{
    public DateTimeOffset? Started { get; set; }
    public string? Instance { get; set; }
    public string? Stopped { get; set; }

    /// <summary>As ECS calls the way in which it stopped.</summary>
    public string StopCode { get; set; } = "EssentialContainerExited";
    public int? ExitCode { get; set; }
}

/// <summary>The part of ECS that the dispatcher uses: tasks that are asked for, come up, and stop. Equal client tokens are one call; the signature of every call is looked at.</summary>
internal sealed partial class SmallEcs(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Asked, JsonObject Answer)> _tokens = [];
    private readonly List<SmallTask> _tasks = [];

    /// <summary>Capacity that has no room, and the reason.</summary>
    public Dictionary<string, string> Full { get; } = [];

    /// <summary>Families whose image is not there.</summary>
    public HashSet<string> WithoutImage { get; } = [];

    /// <summary>Instances: ARN, EC2 id, capacity.</summary>
    public List<(string Arn, string Id, string Capacity)> Machines { get; } = [];

    public List<string> EndedInstances { get; } = [];

    /// <summary>Hears of every task that comes into being; what it does is the test's.</summary>
    public Action<SmallTask>? Begins { get; set; }

    public bool StartsAtOnce { get; set; } = true;

    public int RunCalls { get; private set; }

    public IReadOnlyList<SmallTask> Tasks
    {
        get
        {
            lock (_lock) return [.. _tasks];
        }
    }

    public IReadOnlyList<SmallTask> Live => [.. Tasks.Where(task => task.Stopped is null)];

    public void End(SmallTask task, string why = "Essential container in task exited")
    {
        lock (_lock) task.Stopped ??= why;
    }

    public HttpResponse? Answer(HttpRequest request)
    {
        var text = Encoding.UTF8.GetString(request.Body);
        if (request.Header("X-Amz-Target") is { } target && target.StartsWith("AmazonEC2ContainerServiceV20141113.", StringComparison.Ordinal))
            return Signed(request) ?? Answer(target[(target.LastIndexOf('.') + 1)..], JsonNode.Parse(text)!.AsObject(), text);
        if (!text.StartsWith("Action=TerminateInstanceInAutoScalingGroup", StringComparison.Ordinal)) return null;
        lock (_lock) EndedInstances.Add(Instance().Match(text).Groups[1].Value);
        return HttpResponse.Text(200, "text/xml", "<TerminateInstanceInAutoScalingGroupResponse/>");
    }

    private HttpResponse Answer(string action, JsonObject asked, string text)
    {
        lock (_lock)
            return action switch
            {
                "RunTask" => Run(asked, text),
                "StopTask" => Stop((string)asked["task"]!, (string?)asked["reason"] ?? ""),
                "ListTasks" => Json(new JsonObject { ["taskArns"] = new JsonArray([.. _tasks.Where(task => (task.Stopped is null) == ((string?)asked["desiredStatus"] != "STOPPED") && ((string?)asked["family"] is not { } family || task.Definition.Split(':')[0] == family) && ((string?)asked["containerInstance"] is not { } machine || task.Instance == machine)).Select(task => (JsonNode)task.Arn)]) }),
                "DescribeTasks" => Json(new JsonObject { ["tasks"] = new JsonArray([.. _tasks.Where(task => asked["tasks"]!.AsArray().Any(arn => (string)arn! == task.Arn)).Select(Told)]) }),
                "ListContainerInstances" => Json(new JsonObject { ["containerInstanceArns"] = new JsonArray([.. Machines.Select(machine => (JsonNode)machine.Arn)]) }),
                "DescribeContainerInstances" => Json(new JsonObject { ["containerInstances"] = new JsonArray([.. Machines.Select(machine => new JsonObject
                {
                    ["containerInstanceArn"] = machine.Arn, ["ec2InstanceId"] = machine.Id, ["capacityProviderName"] = machine.Capacity, ["status"] = "ACTIVE", ["pendingTasksCount"] = 0,
                    ["runningTasksCount"] = _tasks.Count(task => task.Stopped is null && task.Instance == machine.Arn),
                })]) }),
                _ => Refused("ClientException", $"There is no action {action}."),
            };
    }

    private HttpResponse Run(JsonObject asked, string text)
    {
        RunCalls++;
        var token = (string)asked["clientToken"]!;
        if (_tokens.TryGetValue(token, out var before)) return before.Asked == text ? Json(before.Answer) : Refused("ConflictException", "The token was used for another call.");
        var count = (int)asked["count"]!;
        if (count is < 1 or > EcsCalls.MostStarts) return Refused("InvalidParameterException", "A call may start 1 to 10 tasks.");
        var capacity = (string)asked["capacityProviderStrategy"]![0]!["capacityProvider"]!;
        if (Full.TryGetValue(capacity, out var reason)) return Json(new JsonObject { ["tasks"] = new JsonArray(), ["failures"] = new JsonArray(new JsonObject { ["reason"] = reason }) });
        var begun = new List<SmallTask>();
        for (var n = 0; n < count; n++)
        {
            var task = new SmallTask($"arn:aws:ecs:eu-central-1:1:task/cluster/{Guid.NewGuid():N}", (string)asked["taskDefinition"]!, capacity, time.GetUtcNow(), asked["overrides"]?.DeepClone())
                { Started = StartsAtOnce ? time.GetUtcNow() : null, Instance = Machines.Where(machine => machine.Capacity == capacity).Select(machine => machine.Arn).FirstOrDefault() };
            _tasks.Add(task);
            if (WithoutImage.Contains(task.Definition.Split(':')[0]))
            {
                (task.Started, task.StopCode) = (null, "TaskFailedToStart");
                task.Stopped = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref image: not found";
                continue;
            }
            begun.Add(task);
        }
        var answer = new JsonObject { ["tasks"] = new JsonArray([.. begun.Select(Told)]), ["failures"] = new JsonArray() };
        _tokens[token] = (text, answer);
        foreach (var task in begun) Begins?.Invoke(task);
        return Json(answer);
    }

    private HttpResponse Stop(string arn, string reason)
    {
        if (_tasks.Find(task => task.Arn == arn) is not { } found) return Refused("InvalidParameterException", "The referenced task was not found.");
        found.Stopped ??= reason;
        return Json(new JsonObject { ["task"] = Told(found) });
    }

    private static JsonObject Told(SmallTask task)
    {
        var told = new JsonObject
        {
            ["taskArn"] = task.Arn, ["taskDefinitionArn"] = $"arn:aws:ecs:eu-central-1:1:task-definition/{task.Definition}", ["lastStatus"] = task.Started is null ? "PROVISIONING" : "RUNNING",
            ["createdAt"] = task.Created.ToUnixTimeMilliseconds() / 1000.0, ["capacityProviderName"] = task.Capacity, ["containerInstanceArn"] = task.Instance,
        };
        if (task.Stopped is { } why)
        {
            (told["lastStatus"], told["stopCode"], told["stoppedReason"]) = ("STOPPED", task.StopCode, why);
            told["containers"] = new JsonArray(new JsonObject { ["exitCode"] = task.ExitCode });
        }
        if (task.Started is { } started) told["startedAt"] = started.ToUnixTimeMilliseconds() / 1000.0;
        if (task.Overrides is { } overrides) told["overrides"] = overrides.DeepClone();
        return told;
    }

    private static HttpResponse? Signed(HttpRequest request) =>
        request.Header("Authorization") is { } given && Authorization().IsMatch(given) && request.Header("X-Amz-Date") is not null ? null : Refused("IncompleteSignatureException", "The request is not signed.");

    private static HttpResponse Json(JsonObject answer) => HttpResponse.Text(200, "application/x-amz-json-1.1", answer.ToJsonString());

    private static HttpResponse Refused(string code, string message) => HttpResponse.Text(400, "application/x-amz-json-1.1", new JsonObject { ["__type"] = code, ["message"] = message }.ToJsonString());

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=[^/]+/[0-9]{8}/eu-central-1/ecs/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$")]
    private static partial Regex Authorization();

    [GeneratedRegex("InstanceId=([^&]+)")]
    private static partial Regex Instance();
}
