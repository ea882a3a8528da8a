using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Deploying;

/// <summary>A stack at work, as its template says and nothing else: the published dispatcher with the function's environment, events that its rules match, and
/// containers of the images, commands and environments of its task definitions.</summary>
internal sealed class StandingStack : IAsyncDisposable
{
    private const string Ecr = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";

    private readonly SmallAws _aws;
    private readonly SmallStack _stack;
    private readonly string _registry;
    private readonly SmallLambda _lambda = new();
    private readonly Process _dispatcher;
    private readonly ConcurrentQueue<S3Event> _happened = new();
    private readonly ConcurrentBag<Task> _tasks = [];
    private readonly List<(string Bucket, string[] Kinds, string[] Prefixes)> _rules = [];
    private int _messages;

    /// <param name="registry">Host under which ECR's images can be pulled here.</param>
    public StandingStack(SmallAws aws, SmallStack stack, string registry, string bin, string scratch)
    {
        (_aws, _stack, _registry) = (aws, stack, registry);
        foreach (var (_, resource) in stack.Template["Resources"]!.AsObject())
            if ((string)resource!["Type"]! == "AWS::Events::Rule" && resource["Properties"]!["EventPattern"] is { } pattern && (string)pattern["source"]![0]! == "aws.s3")
                _rules.Add((SmallStacks.Value(stack, pattern["detail"]!["bucket"]!["name"]![0]), [.. pattern["detail-type"]!.AsArray().Select(kind => (string)kind!)],
                    pattern["detail"]!["object"]?["key"] is JsonArray keys ? [.. keys.Select(key => (string)key!["prefix"]!)] : [""]));
        aws.S3.Happened += Hear;
        aws.Ecs.Begins = task => _tasks.Add(Task.Run(() => Run(task)));
        aws.Functions.Put(stack.Resources["Dispatcher"], _lambda.Invoke);
        var start = new ProcessStartInfo(Path.Combine(bin, "bootstrap")) { RedirectStandardOutput = true };
        foreach (var (name, value) in aws.Environment) start.Environment[name] = value;
        foreach (var (name, value) in Properties("Dispatcher")["Environment"]!["Variables"]!.AsObject()) start.Environment[name] = SmallStacks.Value(stack, value);
        start.Environment["AWS_LAMBDA_RUNTIME_API"] = _lambda.Api;
        start.Environment["TMPDIR"] = scratch;
        _dispatcher = Process.Start(start)!;
        _dispatcher.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not null) lock (Said) Said.Add(line.Data);
        };
        _dispatcher.BeginOutputReadLine();
    }

    /// <summary>The folder of published executables; skips the test where that, or docker, is not there.</summary>
    public static string Published()
    {
        if (Environment.GetEnvironmentVariable("YUNPIPE_ENGINES")?.Contains("docker", StringComparison.Ordinal) != true) Assert.Skip("YUNPIPE_ENGINES names no docker.");
        Assert.SkipUnless(Environment.GetEnvironmentVariable("YUNPIPE_BIN") is not null, "YUNPIPE_BIN does not name the folder of published executables.");
        return Path.GetFullPath(Environment.GetEnvironmentVariable("YUNPIPE_BIN")!);
    }

    /// <summary>What dispatcher and tasks said.</summary>
    public List<string> Said { get; } = [];

    public async Task Ready() => await _lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>What lies in a bucket of the stack, which is named by its logical id.</summary>
    public IReadOnlyList<string> Keys(string bucket, string prefix = "")
    {
        var objects = _aws.S3.Bucket(_stack.Resources[bucket]);
        lock (objects.Gate) return [.. objects.After("").Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];
    }

    /// <summary>Delivers events and lets minutes come until it is so.</summary>
    public async Task Until(Func<bool> so, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (!so())
        {
            if (clock.Elapsed > patience) lock (Said) Assert.Fail($"It does not come to an end:\n{string.Join('\n', Said.TakeLast(30))}");
            await Deliver();
            await _lambda.Invoke("""{"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}""");
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _aws.S3.Happened -= Hear;
        foreach (var task in _aws.Ecs.Live) _aws.Ecs.End(task);
        await Task.WhenAll(_tasks).WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _dispatcher.Kill();
        await _dispatcher.WaitForExitAsync();
        _dispatcher.Dispose();
        await _lambda.DisposeAsync();
    }

    private JsonNode Properties(string id) => _stack.Template["Resources"]![id]!["Properties"]!;

    private void Hear(S3Event happened)
    {
        var kind = happened.Created ? "Object Created" : "Object Deleted";
        if (_rules.Exists(rule => rule.Bucket == happened.Bucket && rule.Kinds.Contains(kind) && Array.Exists(rule.Prefixes, prefix => happened.Key.StartsWith(prefix, StringComparison.Ordinal)))) _happened.Enqueue(happened);
    }

    private async Task Deliver()
    {
        var events = new List<S3Event>();
        while (events.Count < 100 && _happened.TryDequeue(out var happened)) events.Add(happened);
        if (events.Count == 0) return;
        var left = events.ToDictionary(_ => $"m{Interlocked.Increment(ref _messages)}");
        var (good, text) = await _lambda.Invoke(EventForms.Queued(left.Select(entry => (entry.Key, EventForms.Bridged(entry.Value).ToJsonString()))).ToJsonString());
        // What failed comes again, as a queue brings it.
        var failed = good ? JsonNode.Parse(text)!["batchItemFailures"]!.AsArray().Select(item => (string)item!["itemIdentifier"]!).ToHashSet() : [.. left.Keys];
        foreach (var id in failed) _happened.Enqueue(left[id]);
    }

    private async Task Run(SmallTask task)
    {
        var id = _stack.Resources.First(resource => resource.Value == task.Definition).Key;
        var container = Properties(id)["ContainerDefinitions"]![0]!;
        var image = SmallStacks.Value(_stack, container["Image"]).Replace(Ecr, _registry, StringComparison.Ordinal);
        var start = new ProcessStartInfo("docker", ["run", "--rm", "--network", "host", "--entrypoint", (string)container["EntryPoint"]![0]!]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _aws.Environment.Concat(container["Environment"]!.AsArray().Select(each => new KeyValuePair<string, string>((string)each!["Name"]!, SmallStacks.Value(_stack, each["Value"])))))
        {
            start.ArgumentList.Add("--env");
            start.ArgumentList.Add($"{name}={(name == "YUNPIPE_IDLE" ? "2" : value)}");
        }
        start.ArgumentList.Add(image);
        start.ArgumentList.Add((string)container["Command"]![0]!);
        using var process = Process.Start(start)!;
        var options = container["LogConfiguration"]!["Options"]!;
        var log = (Group: SmallStacks.Value(_stack, options["awslogs-group"]), Stream: $"{(string)options["awslogs-stream-prefix"]!}/{(string)container["Name"]!}/{task.Arn[(task.Arn.LastIndexOf('/') + 1)..]}");
        await Task.WhenAll(Hear(process.StandardOutput, log), Hear(process.StandardError, log));
        await process.WaitForExitAsync();
        _aws.Ecs.End(task, process.ExitCode == 0 ? "Essential container in task exited" : $"It ended with {process.ExitCode}.");
    }

    /// <summary>As the log driver does: each line by itself, while the container runs.</summary>
    private async Task Hear(StreamReader output, (string Group, string Stream) log)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (Said) Said.Add(line);
            _aws.Logs.Write(log.Group, log.Stream, DateTimeOffset.UtcNow, line);
        }
    }
}
