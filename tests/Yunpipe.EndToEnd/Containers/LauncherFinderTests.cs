using Yunpipe.Local.Launchers;

namespace Yunpipe.EndToEnd.Containers;

/// <summary>The table of LauncherFinder, with engines that are small scripts.</summary>
public sealed class LauncherFinderTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Without_images_programs_of_this_machine_are_run()
    {
        Script("docker", Answers);
        (await Find(null)).Engine.ShouldBeNull();
    }

    [Fact]
    public async Task Without_an_engine_programs_of_this_machine_are_run_and_it_is_said_why()
    {
        Script("docker", "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2; exit 1");
        var choice = await Find(null, "lab/nuclei");
        choice.Engine.ShouldBeNull();
        choice.Why.ShouldContain("podman is not installed.");
        choice.Why.ShouldContain("docker is installed, but does not run.");
    }

    [Fact]
    public async Task The_one_engine_that_answers_is_taken()
    {
        Script("docker", Answers);
        var choice = await Find(null, "lab/nuclei");
        choice.Engine!.Name.ShouldBe("docker");
        choice.Why.ShouldBe("docker 99.1: it answers");
    }

    [Fact]
    public async Task An_engine_that_hangs_is_given_up_after_three_seconds()
    {
        Script("docker", "exec sleep 100");
        (await Find(null, "lab/nuclei")).Why.ShouldContain("docker did not answer within 3 s.");
    }

    [Fact]
    public async Task An_engine_that_is_asked_for_and_not_there_is_a_problem()
    {
        var reading = await LauncherFinder.Find("podman", ["lab/nuclei"], Variables, CancellationToken.None);
        reading.Problems.ShouldHaveSingleItem().ToString().ShouldBe("YP4113: podman is not installed.");
    }

    [Fact]
    public async Task A_socket_that_may_not_be_opened_is_explained()
    {
        Script("docker", "echo 'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock' >&2; exit 1");
        var reading = await LauncherFinder.Find("docker", ["lab/nuclei"], Variables, CancellationToken.None);
        reading.Problems.ShouldHaveSingleItem().Code.ShouldBe("YP4111");
    }

    [Fact]
    public async Task A_docker_that_is_podman_in_disguise_is_known()
    {
        Script("docker", """echo '{"host": {"security": {"rootless": true}, "ociRuntime": {"name": "crun"}, "cgroupControllers": ["memory", "pids"]}, "version": {"Version": "5.0"}}'""");
        var engine = (await Find(null, "lab/nuclei")).Engine!;
        (engine.IsPodman, engine.Rootless, engine.LimitsMemory, engine.LimitsCpu).ShouldBe((true, true, true, false));
        engine.Description.ShouldBe("docker 5.0, rootless, which cannot limit cpu on this machine");
    }

    private const string Answers = """echo '{"ServerVersion": "99.1", "CpuCfsQuota": true, "MemoryLimit": true, "PidsLimit": true}'""";

    private Dictionary<string, string> Variables => new() { ["PATH"] = _scratch.Root + ":/nothing" };

    private async Task<LauncherChoice> Find(string? asked, params string[] images) =>
        (await LauncherFinder.Find(asked, images, Variables, CancellationToken.None)).OrThrow();

    private void Script(string name, string body)
    {
        var path = Path.Combine(_scratch.Root, name);
        File.WriteAllText(path, $"#!/bin/sh\nPATH=/usr/bin:/bin\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
