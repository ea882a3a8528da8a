using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Containers;

/// <summary>An engine that is a small script around the agent, and wrong now and then, as real ones are whose containers are killed.</summary>
public sealed class UnsteadyEngineTests : IDisposable
{
    private const string Refuses = "docker: Error response from daemon: OCI runtime create failed: unable to apply cgroup configuration: unknown.";

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_container_that_was_refused_once_is_asked_for_again_and_costs_no_job()
    {
        await using var launcher = Launcher(inspect: 0, run: 1);
        var done = Run(launcher, await Program(launcher));
        done.Cause.ShouldBe(EndCause.Exited, done.Message);
        Count("run").ShouldBe(2);
    }

    [Fact]
    public async Task A_container_that_is_refused_twice_is_one_sentence_and_swept_at_the_end()
    {
        var launcher = Launcher(inspect: 0, run: 10);
        var done = Run(launcher, await Program(launcher));
        done.Cause.ShouldBe(EndCause.NotStarted);
        done.Message!.ShouldStartWith("YP4123");
        Count("run").ShouldBe(2);
        var swept = Count("ps");
        await launcher.DisposeAsync();
        Count("ps").ShouldBe(swept + 1);
    }

    [Fact]
    public async Task An_image_that_was_denied_twice_is_asked_for_again_and_not_pulled()
    {
        await using var launcher = Launcher(inspect: 2, run: 0);
        var done = Run(launcher, await Program(launcher));
        done.Cause.ShouldBe(EndCause.Exited, done.Message);
        Count("pull").ShouldBe(0);
    }

    /// <param name="inspect">How often the image is denied.</param>
    /// <param name="run">How often a container is refused.</param>
    private ContainerLauncher Launcher(int inspect, int run)
    {
        var script = Path.Combine(_scratch.Root, "engine");
        File.WriteAllText(script, $$"""
            #!/bin/sh
            cd {{_scratch.Root}}
            echo x >> count-$1
            n=$(wc -l < count-$1)
            case $1 in
            image) [ $n -gt {{inspect}} ] || { echo 'Error: No such image: lab/x' >&2; exit 1; }
              echo '[{"Id": "sha256:0000000000000000000000000000000000000000000000000000000000000001", "Os": "linux", "RootFS": {"Layers": []}, "Config": {} }]';;
            run) [ $n -gt {{run}} ] || { echo '{{Refuses}}' >&2; exit 1; }
              exec {{Published.Agent}} serve;;
            esac
            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new ContainerLauncher(new ContainerEngine("docker", script, ["PATH=/usr/bin:/bin"]), new ContainerSettings
        {
            Run = "run", Agent = Published.Agent, Scratch = _scratch.Folder("scratch"), Attempts = _scratch.Folder("attempts"),
        });
    }

    private static async Task<AlgorithmProgram> Program(ContainerLauncher launcher) => (await launcher.Resolve(ContainerRun.Of("lab/x"), CancellationToken.None)).OrThrow();

    private AgentDone Run(ContainerLauncher launcher, AlgorithmProgram program) => launcher.Run(program, ContainerRun.Usual, new AgentRun
    {
        Attempt = "a", Jobs = ["j"], Arguments = ["/bin/true"], Directory = _scratch.Root, Environment = new Dictionary<string, string>(), Log = Path.Combine(_scratch.Root, "log"),
    }, CancellationToken.None);

    private int Count(string command) => Path.Combine(_scratch.Root, "count-" + command) is var path && File.Exists(path) ? File.ReadAllLines(path).Length : 0;
}
