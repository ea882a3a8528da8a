using System.Globalization;
using System.Security;
using System.Text;
using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>What stands of a stack: its template, and the names that its resources got.</summary>
internal sealed class SmallStack(string name)
{
    public string Name => name;
    public string Status { get; set; } = "REVIEW_IN_PROGRESS";
    public JsonObject Template { get; set; } = [];
    public Dictionary<string, string> Resources { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, JsonObject> ChangeSets { get; } = new(StringComparer.Ordinal);
    public List<(string Id, string LogicalId, string Type, string Status, string? Reason)> Events { get; } = [];
    public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    public string TypeOf(string logical) => (string)Template[nameof(Resources)]![logical]!["Type"]!;

    public void Tell(string logical, string type, string status, string? reason = null) => Events.Insert(0, ($"event-{Events.Count + 1}", logical, type, status, reason));
}

/// <summary>CloudFormation, ECR, STS, IAM and the tagging service, as far as deploying sees them. Buckets, queues, log groups and functions of a stack are really made
/// in the small AWS; all else only gets a name. What is done takes a few looks, as on AWS.</summary>
internal sealed class SmallStacks(SmallAws aws)
{
    public const string Account = "123456789012";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SmallStack> _stacks = new(StringComparer.Ordinal);
    private int _made;

    /// <summary>Where ECR's images lie, as <c>http://localhost:port</c>.</summary>
    public string Registry { get; set; } = "http://localhost:1";

    public HashSet<string> Repositories { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources that cannot be made, and why.</summary>
    public Dictionary<string, string> Fails { get; } = new(StringComparer.Ordinal);

    /// <summary>Actions that the caller is not allowed; null where it may not even ask.</summary>
    public IReadOnlyList<string>? Denied { get; set; } = [];

    /// <summary>Every call that was made: <c>cloudformation:CreateChangeSet</c>.</summary>
    public List<string> Calls { get; } = [];

    public SmallStack? Find(string name)
    {
        lock (_lock) return _stacks.GetValueOrDefault(name);
    }

    /// <summary>A stack that somebody else made.</summary>
    public void Put(SmallStack stack)
    {
        lock (_lock) _stacks[stack.Name] = stack;
    }

    /// <summary>A stack goes, and what it was made of stays.</summary>
    public void Forget(string name)
    {
        lock (_lock) _stacks.Remove(name);
    }

    public async Task<HttpResponse?> Answer(HttpRequest request)
    {
        if (request.Method != "POST" || request.Path != "/") return null;
        var text = Encoding.UTF8.GetString(request.Body);
        if (request.Header("X-Amz-Target") is { } target) return OfJson(target, JsonNode.Parse(text)!.AsObject());
        var asked = text.Split('&').Select(field => field.Split('=', 2)).Where(field => field.Length == 2).ToDictionary(field => Uri.UnescapeDataString(field[0]), field => Uri.UnescapeDataString(field[1]), StringComparer.Ordinal);
        if (!asked.TryGetValue("Action", out var action)) return null;
        lock (_lock) Calls.Add(action);
        return action switch
        {
            "GetCallerIdentity" => Xml(action, $"<Account>{Account}</Account><Arn>arn:aws:iam::{Account}:user/tester</Arn><UserId>U</UserId>"),
            "SimulatePrincipalPolicy" => Simulate(asked),
            "DeleteAutoScalingGroup" => Xml(action, ""),
            "DescribeStacks" or "CreateChangeSet" or "DescribeChangeSet" or "ExecuteChangeSet" or "DeleteChangeSet" or "DeleteStack" or "DescribeStackEvents" or "ListStackResources" => await OfStack(action, asked),
            _ => null,
        };
    }

    /// <summary>An output, or what a function of the template comes to.</summary>
    public static string Value(SmallStack stack, JsonNode? node) => node switch
    {
        JsonObject { Count: 1 } function when function.TryGetPropertyValue("Ref", out var id) => Ref(stack, (string)id!),
        JsonObject { Count: 1 } function when function.TryGetPropertyValue("Fn::GetAtt", out var path) => Attribute(stack, (string)path![0]!, (string)path[1]!),
        JsonObject { Count: 1 } function when function.TryGetPropertyValue("Fn::Sub", out var template) => Filled(stack, (string)template!),
        _ => node?.ToString() ?? "",
    };

    private async Task<HttpResponse> OfStack(string action, Dictionary<string, string> asked)
    {
        var name = asked["StackName"];
        var stack = Find(name);
        if (action == "CreateChangeSet") return await Propose(name, stack, asked);
        if (action == "DeleteStack") return stack is null ? Xml(action, "") : Delete(stack);
        if (stack is null) return Refused("ValidationError", $"Stack with id {name} does not exist");
        switch (action)
        {
            case "DescribeStacks":
                var outputs = stack.Status.EndsWith("_COMPLETE", StringComparison.Ordinal) && !stack.Status.Contains("ROLLBACK", StringComparison.Ordinal)
                    ? string.Concat(stack.Template["Outputs"]!.AsObject().Select(output => $"<member><OutputKey>{output.Key}</OutputKey><OutputValue>{SecurityElement.Escape(Value(stack, output.Value!["Value"]))}</OutputValue></member>")) : "";
                return Xml(action, $"<Stacks><member><StackName>{name}</StackName><StackStatus>{stack.Status}</StackStatus><Outputs>{outputs}</Outputs></member></Stacks>");
            case "DescribeChangeSet":
                return Described(action, stack, asked["ChangeSetName"]);
            case "DeleteChangeSet":
                stack.ChangeSets.Remove(asked["ChangeSetName"]);
                return Xml(action, "");
            case "ExecuteChangeSet":
                return Execute(action, stack, stack.ChangeSets[asked["ChangeSetName"]]);
            case "DescribeStackEvents":
                return Xml(action, $"<StackEvents>{string.Concat(stack.Events.Select(each => $"<member><EventId>{each.Id}</EventId><LogicalResourceId>{each.LogicalId}</LogicalResourceId><ResourceType>{each.Type}</ResourceType><ResourceStatus>{each.Status}</ResourceStatus><Timestamp>2026-01-01T00:00:00Z</Timestamp>{(each.Reason is null ? "" : $"<ResourceStatusReason>{SecurityElement.Escape(each.Reason)}</ResourceStatusReason>")}</member>"))}</StackEvents>");
            default:
                return Xml(action, $"<StackResourceSummaries>{string.Concat(stack.Resources.Select(resource => $"<member><LogicalResourceId>{resource.Key}</LogicalResourceId><PhysicalResourceId>{resource.Value}</PhysicalResourceId><ResourceType>{stack.TypeOf(resource.Key)}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"))}</StackResourceSummaries>");
        }
    }

    private async Task<HttpResponse> Propose(string name, SmallStack? stack, Dictionary<string, string> asked)
    {
        var address = new Uri(asked["TemplateURL"]);
        var bucket = address.Host.Split('.')[0];
        if (!aws.S3.Names.Contains(bucket) || aws.S3.Bucket(bucket).Find(address.AbsolutePath.TrimStart('/')) is not { } template) return Refused("ValidationError", "S3 error: The specified key does not exist.");
        if (asked["ChangeSetType"] == "CREATE" && stack is { Status: not "REVIEW_IN_PROGRESS" }) return Refused("ValidationError", $"Stack [{name}] already exists and cannot be created again");
        if (asked["ChangeSetType"] == "UPDATE" && stack is null) return Refused("ValidationError", $"Stack [{name}] does not exist");
        await Task.Yield();
        lock (_lock)
        {
            if (stack is null) _stacks[name] = stack = new SmallStack(name);
            for (var n = 1; asked.TryGetValue($"Tags.member.{n}.Key", out var key); n++) stack.Tags[key] = asked[$"Tags.member.{n}.Value"];
            stack.ChangeSets[asked["ChangeSetName"]] = JsonNode.Parse(template.ToArray())!.AsObject();
        }
        return Xml("CreateChangeSet", "<Id>id</Id>");
    }

    private static HttpResponse Described(string action, SmallStack stack, string changeSet)
    {
        if (!stack.ChangeSets.TryGetValue(changeSet, out var proposed)) return Refused("ChangeSetNotFound", $"ChangeSet [{changeSet}] does not exist");
        var (old, news) = (stack.Template["Resources"]?.AsObject() ?? [], proposed["Resources"]!.AsObject());
        var changes = new StringBuilder();
        void Say(string kind, string id, JsonNode resource, string? replacement) => changes.Append(CultureInfo.InvariantCulture,
            $"<member><Type>Resource</Type><ResourceChange><Action>{kind}</Action><LogicalResourceId>{id}</LogicalResourceId><ResourceType>{resource["Type"]}</ResourceType>{(replacement is null ? "" : $"<Replacement>{replacement}</Replacement>")}</ResourceChange></member>");
        foreach (var (id, resource) in news)
            if (!old.ContainsKey(id)) Say("Add", id, resource!, null);
            else if (!JsonNode.DeepEquals(old[id], resource)) Say("Modify", id, resource!, (string)resource!["Type"]! == "AWS::ECS::TaskDefinition" ? "True" : "False");
        foreach (var (id, resource) in old)
            if (!news.ContainsKey(id)) Say("Remove", id, resource!, null);
        return changes.Length == 0 ? Xml(action, "<Status>FAILED</Status><StatusReason>The submitted information didn't contain changes. Submit different information to create a change set.</StatusReason><Changes/>")
            : Xml(action, $"<Status>CREATE_COMPLETE</Status><Changes>{changes}</Changes>");
    }

    private HttpResponse Execute(string action, SmallStack stack, JsonObject proposed)
    {
        var fresh = stack.Status == "REVIEW_IN_PROGRESS";
        var before = stack.Template;
        stack.Template = proposed;
        stack.ChangeSets.Clear();
        stack.Status = fresh ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS";
        stack.Tell(stack.Name, "AWS::CloudFormation::Stack", stack.Status);
        foreach (var (id, resource) in proposed["Resources"]!.AsObject())
        {
            var type = (string)resource!["Type"]!;
            stack.Tell(id, type, "CREATE_IN_PROGRESS");
            if (Fails.TryGetValue(id, out var reason))
            {
                stack.Tell(id, type, "CREATE_FAILED", reason);
                stack.Tell("Cluster", "AWS::ECS::Cluster", "CREATE_FAILED", "Resource creation cancelled");
                stack.Template = fresh ? proposed : before;
                if (fresh) foreach (var made in stack.Resources.Keys.ToList()) Unmake(stack, made, keep: false);
                stack.Status = fresh ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE";
                stack.Tell(stack.Name, "AWS::CloudFormation::Stack", stack.Status);
                return Xml(action, "");
            }
            var changed = type == "AWS::ECS::TaskDefinition" && before["Resources"]?[id] is { } was && !JsonNode.DeepEquals(was, resource);
            if (!stack.Resources.ContainsKey(id) || changed) stack.Resources[id] = Make(stack, id, type);
            stack.Tell(id, type, "CREATE_COMPLETE");
        }
        foreach (var gone in stack.Resources.Keys.Where(id => !proposed["Resources"]!.AsObject().ContainsKey(id)).ToList()) stack.Resources.Remove(gone);
        stack.Status = fresh ? "CREATE_COMPLETE" : "UPDATE_COMPLETE";
        stack.Tell(stack.Name, "AWS::CloudFormation::Stack", stack.Status);
        return Xml(action, "");
    }

    private string Make(SmallStack stack, string id, string type)
    {
        var name = $"{stack.Name}-{id}-{Interlocked.Increment(ref _made)}".ToLowerInvariant();
        switch (type)
        {
            case "AWS::S3::Bucket":
                aws.S3.Bucket(name).Versioned = stack.Template["Resources"]![id]!["Properties"]!["VersioningConfiguration"] is not null;
                aws.S3.Settings[(name, "tagging")] = $"<Tagging><TagSet><Tag><Key>yunpipe:deployment</Key><Value>{stack.Name["yunpipe-".Length..]}</Value></Tag></TagSet></Tagging>";
                return name;
            case "AWS::SQS::Queue":
                var dead = stack.Template["Resources"]![id]!["Properties"]!["RedrivePolicy"]?["deadLetterTargetArn"]!["Fn::GetAtt"]![0] is { } target ? Attribute(stack, (string)target!, "QueueName") : null;
                aws.Sqs.Make(name, dead);
                return $"{aws.Http.Url}/000000000000/{name}";
            case "AWS::Logs::LogGroup":
                aws.Logs.Make(name);
                return name;
            case "AWS::Lambda::Function":
                // Until a test starts the program that stands behind it.
                aws.Functions.Put(name, _ => Task.FromResult((false, """{"errorType": "Runtime.ExitError", "errorMessage": "Nothing stands behind this function."}""")));
                return name;
            case "AWS::ECS::TaskDefinition":
                return $"arn:aws:ecs:eu-central-1:{Account}:task-definition/{(string)stack.Template["Resources"]![id]!["Properties"]!["Family"]!}:{_made.ToString(CultureInfo.InvariantCulture)}";
            default:
                return name;
        }
    }

    private HttpResponse Delete(SmallStack stack)
    {
        foreach (var id in stack.Resources.Keys.ToList()) Unmake(stack, id, keep: true);
        lock (_lock) _stacks.Remove(stack.Name);
        return Xml("DeleteStack", "");
    }

    /// <summary>Buckets are kept by their deletion policy, except where the stack was never whole.</summary>
    private void Unmake(SmallStack stack, string id, bool keep)
    {
        if (stack.TypeOf(id) == "AWS::S3::Bucket" && !keep) aws.S3.Remove(stack.Resources[id]);
        if (stack.TypeOf(id) == "AWS::Logs::LogGroup") aws.Logs.Drop(stack.Resources[id]);
        stack.Resources.Remove(id);
    }

    private HttpResponse OfJson(string target, JsonObject asked)
    {
        var action = target[(target.LastIndexOf('.') + 1)..];
        lock (_lock) Calls.Add(action);
        switch (action)
        {
            case "GetAuthorizationToken":
                return Json(new JsonObject { ["authorizationData"] = new JsonArray(new JsonObject { ["authorizationToken"] = Convert.ToBase64String("AWS:secret"u8), ["proxyEndpoint"] = Registry }) });
            case "CreateRepository":
                return Repositories.Add((string)asked["repositoryName"]!) ? Json([]) : Refusal("RepositoryAlreadyExistsException");
            case "DeleteRepository":
                return Repositories.Remove((string)asked["repositoryName"]!) ? Json([]) : Refusal("RepositoryNotFoundException");
            case "DescribeRepositories":
                return Json(new JsonObject { ["repositories"] = new JsonArray([.. Repositories.Select(name => (JsonNode)new JsonObject { ["repositoryName"] = name })]) });
            case "GetResources":
                var value = asked["TagFilters"]![0]!["Values"] is JsonArray { Count: > 0 } values ? (string)values[0]! : null;
                IEnumerable<string> found = [
                    .. aws.S3.Names.Where(name => aws.S3.Settings.TryGetValue((name, "tagging"), out var tags) && tags.Contains(value is null ? "yunpipe:deployment" : $"<Value>{value}</Value>", StringComparison.Ordinal)).Select(name => $"arn:aws:s3:::{name}"),
                    .. _stacks.Values.Where(stack => value is null || stack.Tags.GetValueOrDefault("yunpipe:deployment") == value).Select(stack => $"arn:aws:cloudformation:eu-central-1:{Account}:stack/{stack.Name}/1"),
                ];
                return Json(new JsonObject { ["PaginationToken"] = "", ["ResourceTagMappingList"] = new JsonArray([.. found.Select(arn => (JsonNode)new JsonObject { ["ResourceARN"] = arn })]) });
            default:
                return Refusal("UnknownOperationException");
        }
    }

    private HttpResponse Simulate(Dictionary<string, string> asked)
    {
        if (Denied is not { } denied) return Refused("AccessDenied", "User is not authorized to perform: iam:SimulatePrincipalPolicy");
        return Xml("SimulatePrincipalPolicy", $"<EvaluationResults>{string.Concat(asked.Where(field => field.Key.StartsWith("ActionNames.", StringComparison.Ordinal)).Select(field => $"<member><EvalActionName>{field.Value}</EvalActionName><EvalDecision>{(denied.Contains(field.Value) ? "implicitDeny" : "allowed")}</EvalDecision></member>"))}</EvaluationResults>");
    }

    private static string Ref(SmallStack stack, string id) => id switch { "AWS::AccountId" => Account, "AWS::Region" => "eu-central-1", "AWS::URLSuffix" => "amazonaws.com", "AWS::Partition" => "aws", _ => stack.Resources[id] };

    private static string Attribute(SmallStack stack, string id, string name) => name switch
    {
        "QueueName" => stack.Resources[id][(stack.Resources[id].LastIndexOf('/') + 1)..],
        "Arn" when stack.TypeOf(id) == "AWS::S3::Bucket" => $"arn:aws:s3:::{stack.Resources[id]}",
        "Arn" => $"arn:aws:any:eu-central-1:{Account}:{stack.Resources[id]}",
        _ => $"{stack.Resources[id]}-{name}".ToLowerInvariant(),
    };

    private static string Filled(SmallStack stack, string template)
    {
        for (var open = template.IndexOf("${", StringComparison.Ordinal); open >= 0; open = template.IndexOf("${", StringComparison.Ordinal))
        {
            var close = template.IndexOf('}', open);
            var path = template[(open + 2)..close].Split('.');
            template = template[..open] + (path.Length == 1 ? Ref(stack, path[0]) : Attribute(stack, path[0], path[1])) + template[(close + 1)..];
        }
        return template;
    }

    private static HttpResponse Xml(string action, string inner) => HttpResponse.Text(200, "text/xml", $"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>");

    private static HttpResponse Refused(string code, string message) =>
        HttpResponse.Text(code == "AccessDenied" ? 403 : 400, "text/xml", $"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{SecurityElement.Escape(message)}</Message></Error></ErrorResponse>");

    private static HttpResponse Json(JsonObject answer) => HttpResponse.Text(200, "application/x-amz-json-1.1", answer.ToJsonString());

    private static HttpResponse Refusal(string code) => HttpResponse.Text(400, "application/x-amz-json-1.1", new JsonObject { ["__type"] = code, ["message"] = code }.ToJsonString());
}
