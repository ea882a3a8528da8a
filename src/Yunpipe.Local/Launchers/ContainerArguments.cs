using System.Globalization;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>What makes two containers interchangeable.</summary>
internal readonly record struct ContainerKind(string Image, bool Network, double Cpu, long Memory, int Gpu, int Pids, long SharedMemory, string Devices)
{
    public static ContainerKind Of(string image, bool network, SlotLimits limits) => new(
        image, network, limits.Cpu, limits.Memory, limits.Gpu, limits.Pids, limits.SharedMemory,
        limits.Devices is { Count: > 0 } devices ? string.Join(',', devices) : "");
}

/// <summary>The command line that starts a warm container.</summary>
internal static class ContainerArguments
{
    public const string RunLabel = "yunpipe.run";

    /// <summary>Engines refuse less, and the agent itself needs room.</summary>
    private const long LeastMemory = 32L << 20;

    /// <summary>Threads of the agent, which count as processes of the container.</summary>
    private const int PidsOfAgent = 16;

    public static List<string> Of(ContainerEngine engine, ContainerSettings settings, ContainerPlaces places, ContainerKind kind, string name)
    {
        List<string> words =
        [
            engine.Executable, "run", "--rm", "--interactive", "--pull=never", "--name", name, "--label", $"{RunLabel}={settings.Run}",
            // The agent's words are for us; as a log they would fill the engine's disk.
            "--log-driver", "none", "--no-healthcheck",
            "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            // On SELinux machines a bind mount is refused unless it is relabelled, and relabelling somebody's images is not ours to do.
            "--security-opt", "label=disable",
            // The image's own working directory may be closed to this user; each job has one of its own.
            "--workdir", "/",
        ];
        AddUser(words, engine, settings);
        AddNetwork(words, settings, kind);
        AddLimits(words, engine, kind);
        AddDevices(words, engine, kind);
        foreach (var mount in places.Mounts()) words.AddRange(["--mount", mount]);
        words.AddRange(["--entrypoint", ContainerPlaces.Agent, kind.Image, "serve"]);
        return words;
    }

    /// <summary>Files that the algorithm makes belong to the caller, and what the caller may read it may read.</summary>
    private static void AddUser(List<string> words, ContainerEngine engine, ContainerSettings settings)
    {
        var (user, group) = settings.Owner ?? Posix.Owner();
        if (engine is { Rootless: true, IsPodman: true }) words.AddRange(["--userns", "keep-id"]);
        if (engine.RemapsUsers) words.AddRange(["--userns", "host"]);
        // A rootless docker has no other way to be the caller than as its root.
        if (engine is { Rootless: true, IsPodman: false }) (user, group) = (0, 0);
        words.AddRange(["--user", string.Create(CultureInfo.InvariantCulture, $"{user}:{group}")]);
        // Programs take being root for the right to do what these three allow; without them tar and cp fail half-way.
        if (user == 0) words.AddRange(["--cap-add", "CHOWN", "--cap-add", "DAC_OVERRIDE", "--cap-add", "FOWNER"]);
        if (engine.Rootless)
        {
            if (engine is { IsPodman: true, Runtime: "crun" }) words.AddRange(["--group-add", "keep-groups"]);
            return;
        }
        // A laboratory's data are often readable through a group only.
        foreach (var further in Posix.Groups())
            if (further != group) words.AddRange(["--group-add", further.ToString(CultureInfo.InvariantCulture)]);
    }

    private static void AddNetwork(List<string> words, ContainerSettings settings, ContainerKind kind)
    {
        if (!kind.Network) words.AddRange(["--network", "none"]);
        else if (settings.Network is { } network) words.AddRange(["--network", network]);
    }

    private static void AddLimits(List<string> words, ContainerEngine engine, ContainerKind kind)
    {
        if (kind.Cpu > 0 && engine.LimitsCpu) words.AddRange(["--cpus", kind.Cpu.ToString("0.##", CultureInfo.InvariantCulture)]);
        if (kind.Memory > 0 && engine.LimitsMemory)
        {
            // Memory and swap together the same: a job that needs more ends at once, and does not crawl.
            var bytes = Math.Max(kind.Memory, LeastMemory).ToString(CultureInfo.InvariantCulture);
            words.AddRange(["--memory", bytes, "--memory-swap", bytes]);
        }
        if (kind.Pids > 0 && engine.LimitsPids) words.AddRange(["--pids-limit", (kind.Pids + PidsOfAgent).ToString(CultureInfo.InvariantCulture)]);
        if (kind.SharedMemory > 0) words.AddRange(["--shm-size", kind.SharedMemory.ToString(CultureInfo.InvariantCulture)]);
    }

    private static void AddDevices(List<string> words, ContainerEngine engine, ContainerKind kind)
    {
        if (kind.Gpu <= 0) return;
        if (engine.IsPodman)
        {
            // Container Device Interface: one name a device.
            var devices = kind.Devices.Length > 0 ? kind.Devices.Split(',') : [.. Enumerable.Range(0, kind.Gpu).Select(i => i.ToString(CultureInfo.InvariantCulture))];
            foreach (var device in devices) words.AddRange(["--device", $"nvidia.com/gpu={device}"]);
        }
        // The value is a line of CSV, whose comma must be quoted.
        else words.AddRange(["--gpus", kind.Devices.Length > 0 ? $"\"device={kind.Devices}\"" : kind.Gpu.ToString(CultureInfo.InvariantCulture)]);
    }
}
