using System.Globalization;
using System.Text.Json;
using Yunpipe.Documents;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>A container engine that answered, and what differs between engines and their installations.</summary>
/// <param name="Name"><c>docker</c> or <c>podman</c>: the client's name.</param>
/// <param name="Executable">Path of its client.</param>
/// <param name="Environment">The client's environment, as <c>NAME=value</c>.</param>
public sealed record ContainerEngine(string Name, string Executable, IReadOnlyList<string> Environment)
{
    public static IReadOnlyList<string> Names { get; } = ["podman", "docker"];

    public string Version { get; init; } = "";

    /// <summary>True for podman, also where it goes by the name of docker.</summary>
    public bool IsPodman { get; init; }

    /// <summary>The engine runs without rights of its own: root inside is the caller outside.</summary>
    public bool Rootless { get; init; }

    /// <summary>A docker daemon that shifts user numbers, which would make outputs belong to nobody.</summary>
    public bool RemapsUsers { get; init; }

    /// <summary>The runtime below: only crun can hand on the caller's further groups without rights.</summary>
    public string Runtime { get; init; } = "";

    public bool LimitsCpu { get; init; } = true;
    public bool LimitsMemory { get; init; } = true;
    public bool LimitsPids { get; init; } = true;

    /// <summary>Name, version and, where it is so, what it cannot hold a job to.</summary>
    public string Description
    {
        get
        {
            string[] free = [.. new[] { (LimitsCpu, "cpu"), (LimitsMemory, "memory"), (LimitsPids, "processes") }.Where(limit => !limit.Item1).Select(limit => limit.Item2)];
            return $"{Name} {Version}{(Rootless ? ", rootless" : "")}{(free.Length == 0 ? "" : $", which cannot limit {string.Join(" or ", free)} on this machine")}";
        }
    }

    /// <summary>Asks an engine whether it is there.</summary>
    /// <param name="environment">This process's environment.</param>
    public static Reading<ContainerEngine> Probe(string name, IReadOnlyDictionary<string, string> environment, TimeSpan patience, CancellationToken cancel)
    {
        if (Spawn.Find(name, environment.GetValueOrDefault("PATH", "").Split(':')) is not { } executable)
            return Not(new Problem("YP4113", $"{name} is not installed."));
        IReadOnlyList<string> variables = [.. environment.Select(pair => $"{pair.Key}={pair.Value}")];
        var answer = EngineCommand.Run(executable, ["info", "--format", "{{json .}}"], variables, patience, cancel);
        if (answer.Exit == -1)
            return Not(new Problem("YP4114", string.Create(CultureInfo.InvariantCulture, $"{name} did not answer within {patience.TotalSeconds:0.#} s."), null, "Start it again, or choose another with --launcher."));
        var engine = new ContainerEngine(name, executable, variables);
        try
        {
            using var document = JsonDocument.Parse(answer.Output.Length == 0 ? "{}" : answer.Output);
            var found = document.RootElement.TryGetProperty("host", out var host) ? engine.AsPodman(document.RootElement, host) : engine.AsDocker(document.RootElement);
            if (found is not null) return new Reading<ContainerEngine>(found, []);
            var errors = document.RootElement.TryGetProperty("ServerErrors", out var told) && told.ValueKind == JsonValueKind.Array ? string.Join('\n', told.EnumerateArray()) : "";
            return Not(EngineWords.Engine(name, answer.Errors + "\n" + errors));
        }
        catch (JsonException)
        {
            return Not(EngineWords.Engine(name, answer.Errors.Length > 0 ? answer.Errors : answer.Output));
        }
    }

    internal EngineAnswer Ask(IReadOnlyList<string> arguments, TimeSpan patience, CancellationToken cancel) =>
        EngineCommand.Run(Executable, arguments, Environment, patience, cancel);

    private ContainerEngine AsPodman(JsonElement root, JsonElement host)
    {
        var rootless = host.TryGetProperty("security", out var security) && Flag(security, "rootless");
        // With rights every controller of the machine can be used; without, only those that were delegated to the user.
        var controllers = host.TryGetProperty("cgroupControllers", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(item => item.GetString()).ToHashSet() : [];
        return this with
        {
            IsPodman = true,
            Rootless = rootless,
            Version = root.TryGetProperty("version", out var version) ? Text(version, "Version") : "",
            Runtime = host.TryGetProperty("ociRuntime", out var runtime) ? Text(runtime, "name") : "",
            LimitsCpu = !rootless || controllers.Contains("cpu"),
            LimitsMemory = !rootless || controllers.Contains("memory"),
            LimitsPids = !rootless || controllers.Contains("pids"),
        };
    }

    private ContainerEngine? AsDocker(JsonElement root)
    {
        if (Text(root, "ServerVersion") is not { Length: > 0 } version) return null;
        var options = root.TryGetProperty("SecurityOptions", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(item => item.GetString() ?? "").ToArray() : [];
        return this with
        {
            Version = version,
            Rootless = options.Any(option => option.StartsWith("name=rootless", StringComparison.Ordinal)),
            RemapsUsers = options.Any(option => option.StartsWith("name=userns", StringComparison.Ordinal)),
            Runtime = Text(root, "DefaultRuntime"),
            LimitsCpu = Flag(root, "CpuCfsQuota"),
            LimitsMemory = Flag(root, "MemoryLimit"),
            LimitsPids = Flag(root, "PidsLimit"),
        };
    }

    private static bool Flag(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static Reading<ContainerEngine> Not(Problem problem) => new(null, [problem]);
}
