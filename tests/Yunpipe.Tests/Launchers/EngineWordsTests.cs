using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.Tests.Launchers;

/// <summary>What engines really wrote, and what a person reads.</summary>
public sealed class EngineWordsTests
{
    [Theory]
    [InlineData("docker", "Error response from daemon: manifest for lab/x:1 not found: manifest unknown: manifest unknown", "YP4101")]
    [InlineData("docker", "Error response from daemon: pull access denied for lab/x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", "YP4102")]
    [InlineData("docker", "Error response from daemon: Get \"https://r.invalid/v2/\": dial tcp: lookup r.invalid on 10.0.0.1:53: no such host", "YP4103")]
    [InlineData("docker", "failed to register layer: write /usr/lib/x: no space left on device", "YP4104")]
    [InlineData("docker", "no matching manifest for linux/arm64/v8 in the manifest list entries", "YP4105")]
    [InlineData("podman", "Error: short-name \"x\" did not resolve to an alias and no unqualified-search registries are defined in \"/etc/containers/registries.conf\"", "YP4106")]
    [InlineData("podman", "Trying to pull r.io/x:1...\nError: initializing source docker://r.io/x:1: reading manifest 1 in r.io/x: unauthorized: access to the requested resource is not authorized", "YP4102")]
    [InlineData("docker", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?", "YP4110")]
    [InlineData("docker", "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock", "YP4111")]
    [InlineData("podman", "Error: something nobody has seen", "YP4109")]
    public void A_failed_pull_is_one_sentence(string engine, string words, string code)
    {
        var problem = EngineWords.Pull(engine, "lab/x:1", words);
        problem.Code.ShouldBe(code);
        problem.ToString().ShouldNotContain('\n');
        problem.ToString().ShouldNotContain("{");
    }

    [Theory]
    [InlineData("docker: Error response from daemon: invalid mount config for type \"bind\": bind source path does not exist: /data/x.\nSee 'docker run --help'.", "YP4120", EndCause.NotStarted)]
    [InlineData("Error: statfs /data/x: no such file or directory", "YP4120", EndCause.NotStarted)]
    [InlineData("docker: Error response from daemon: No such image: sha256:00.", "YP4101", EndCause.ImagePull)]
    [InlineData("docker: Error response from daemon: could not select device driver \"\" with capabilities: [[gpu]].", "YP4124", EndCause.NotStarted)]
    [InlineData("Error: crun: cgroups in hybrid mode not supported, drop all controllers from cgroupv2: OCI runtime error", "YP4126", EndCause.NotStarted)]
    [InlineData("exec /opt/yunpipe/agent: exec format error", "YP4122", EndCause.NotStarted)]
    [InlineData("docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?", "YP4110", EndCause.AgentFailed)]
    [InlineData("docker: Error response from daemon: mkdir /var/lib/docker/overlay2/0: no space left on device.", "YP4104", EndCause.DiskFull)]
    [InlineData("", "YP4129", EndCause.AgentFailed)]
    public void A_container_that_did_not_start_is_one_sentence(string words, string code, EndCause cause)
    {
        var (end, problem) = EngineWords.Start("docker", "lab/x:1", words);
        (end, problem.Code).ShouldBe((cause, code));
        problem.ToString().ShouldNotContain('\n');
    }

    [Fact]
    public void The_whole_sentence_reads_well() =>
        EngineWords.Pull("docker", "lab/x:1", "Error response from daemon: manifest for lab/x:1 not found: manifest unknown").ToString().ShouldBe(
            "YP4101: There is no image “lab/x:1”, neither on this machine nor in its registry. (manifest for lab/x:1 not found: manifest unknown) Check the name and the tag.");
}
