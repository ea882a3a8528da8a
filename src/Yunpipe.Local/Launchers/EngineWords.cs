using Yunpipe.Documents;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>Turns what docker and podman write into one sentence that says what is wrong and what to do. The words are those of docker 20–28 and
/// podman 4–5; what is not known is passed on, shortened.</summary>
internal static class EngineWords
{
    private sealed record Saying(string Code, string[] Words, string Says, string Advice);

    /// <summary>About the engine itself: asked first, since nothing else can be true when it does not answer.</summary>
    private static readonly Saying[] OfEngine =
    [
        new("YP4111", ["permission denied while trying to connect", "connect: permission denied"],
            "This user may not talk to {engine}.", "Join the group “docker” (and log in again), or use podman, which needs no rights."),
        new("YP4110", ["cannot connect to the docker daemon", "is the docker daemon running", "unable to connect to podman", "cannot connect to podman", "connection refused: dial unix",
            "error during connect"],
            "{engine} is installed, but does not run.", "Start it, or choose another with --launcher."),
    ];

    private static readonly Saying[] OfPull =
    [
        new("YP4104", ["no space left on device"], "The disk is full: {image} could not be pulled.", "Make room (“{engine} system prune”), then run again."),
        new("YP4105", ["no matching manifest", "no image found in manifest list", "no image found in image index"],
            "{image} is not made for this kind of machine.", "Ask its author for a build, or build it here."),
        new("YP4106", ["short-name", "unqualified-search registries"], "{image} names no registry, and {engine} has none to search.",
            "Write it in full, as in docker.io/library/NAME."),
        new("YP4103", ["no such host", "i/o timeout", "connection refused", "network is unreachable", "tls handshake", "x509:", "server misbehaving", "context deadline exceeded",
            "connection reset", "temporary failure in name resolution", "no route to host", "server gave http response"],
            "The registry of {image} cannot be reached, and the image is not on this machine.", "Check the name and the network, or build or load the image here."),
        new("YP4102", ["unauthorized", "authentication required", "no basic auth", "403 forbidden", "requested access to the resource is denied", "access denied"],
            "The registry does not give {image}: it is not there, or needs a login.", "Check the name, or log in with “{engine} login”."),
        new("YP4101", ["manifest unknown", "not found", "no such image", "name unknown", "image not known", "does not exist", "repository name not known"],
            "There is no image {image}, neither on this machine nor in its registry.", "Check the name and the tag."),
        new("YP4107", ["invalid reference format", "repository name must be lowercase"], "{image} is not the name of an image.", "Names are in lower case: registry/name:tag."),
    ];

    private static readonly Saying[] OfStart =
    [
        new("YP4101", ["no such image", "image not known", "unable to find image"], "The image {image} is no longer on this machine.", "Run again: it is pulled once, at the beginning."),
        new("YP4120", ["bind source path does not exist", "statfs", "mounts denied", "invalid mount", "error mounting", "error while creating mount source path", "is not shared from"],
            "{engine} cannot see a folder of this run.", "It must be a folder of the machine that the engine runs on, and shared with its virtual machine if there is one."),
        new("YP4121", ["unable to find user", "no matching entries in passwd", "uid/gid", "not enough ids available", "no subuid", "newuidmap", "cannot find mappings for user"],
            "{engine} cannot run a container as this user.", "Rootless podman needs ranges in /etc/subuid and /etc/subgid."),
        new("YP4124", ["could not select device driver", "nvidia", "unresolvable cdi", "no such device"],
            "{engine} cannot give a GPU to a container.", "Install the NVIDIA container toolkit, or run without gpu."),
        new("YP4126", ["hybrid mode"], "{engine}'s runtime does not work with the control groups of this machine.", "Set runtime = \"runc\" under [engine] in containers.conf."),
        new("YP4123", ["cgroup", "memory limit", "range of cpus", "nanocpus", "cpu-period", "cpu cfs", "pids"],
            "{engine} refuses the limits of a container.", "On this machine it may not limit cpu or memory."),
        new("YP4122", ["exec format error", "exec: \"/opt/yunpipe/agent\"", "/opt/yunpipe/agent"],
            "The agent cannot be started in {image}.", "The image may be for another kind of machine, or the agent lie on a disk mounted noexec."),
        new("YP4104", ["no space left on device"], "The disk of {engine} is full.", "Make room (“{engine} system prune”)."),
        new("YP4125", ["network", "bridge"], "{engine} cannot give the container a network.", "Run without network, or repair the engine's network."),
    ];

    public static Problem Engine(string engine, string words) => Sort(OfEngine, "YP4112", "{engine} does not answer", engine, "", words);

    /// <summary>Null where the words are not about the engine itself.</summary>
    public static Problem? Down(string engine, string words) => Known(OfEngine, engine, "", words);

    public static Problem Pull(string engine, string image, string words) =>
        Known(OfEngine, engine, image, words) ?? Sort(OfPull, "YP4109", "{image} could not be pulled", engine, image, words);

    /// <summary>Why a container did not start, and whether it is the engine's passing trouble or will be so again.</summary>
    public static (EndCause Cause, Problem Problem) Start(string engine, string image, string words)
    {
        if (Known(OfEngine, engine, image, words) is { } down) return (EndCause.AgentFailed, down);
        var problem = Sort(OfStart, "YP4129", "A container of {image} could not be started", engine, image, words);
        var cause = problem.Code switch
        {
            "YP4101" => EndCause.ImagePull,
            "YP4104" => EndCause.DiskFull,
            "YP4129" => EndCause.AgentFailed,
            _ => EndCause.NotStarted,
        };
        return (cause, problem);
    }

    private static Problem Sort(Saying[] sayings, string code, string otherwise, string engine, string image, string words) =>
        Known(sayings, engine, image, words) ?? new Problem(code, $"{Fill(otherwise, engine, image)}: {Condense(words)}");

    private static Problem? Known(Saying[] sayings, string engine, string image, string words)
    {
        foreach (var saying in sayings)
            if (saying.Words.Any(word => words.Contains(word, StringComparison.OrdinalIgnoreCase)))
                return new Problem(saying.Code, $"{Fill(saying.Says, engine, image)} ({Condense(words)})", null, Fill(saying.Advice, engine, image));
        return null;
    }

    private static string Fill(string text, string engine, string image) =>
        text.Replace("{engine}", engine, StringComparison.Ordinal).Replace("{image}", $"“{image}”", StringComparison.Ordinal);

    /// <summary>The last line that names an error, without the client's prefixes, at most 300 characters.</summary>
    public static string Condense(string words)
    {
        var lines = words.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var line = lines.LastOrDefault(text => text.Contains("error", StringComparison.OrdinalIgnoreCase)) ??
            lines.LastOrDefault(text => !text.StartsWith("See '", StringComparison.Ordinal) && !text.StartsWith("Run '", StringComparison.Ordinal)) ?? "it said nothing";
        foreach (var prefix in (ReadOnlySpan<string>)["docker: ", "Error response from daemon: ", "Error: ", "ERROR: "])
            if (line.StartsWith(prefix, StringComparison.Ordinal)) line = line[prefix.Length..];
        return line.Length > 300 ? line[..300] + "…" : line.TrimEnd('.');
    }
}
