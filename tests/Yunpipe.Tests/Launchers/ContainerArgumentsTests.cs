using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.Tests.Launchers;

/// <summary>The command line of a container, where engines and installations differ.</summary>
public sealed class ContainerArgumentsTests
{
    private static readonly ContainerEngine Docker = new("docker", "/usr/bin/docker", []), Podman = new("podman", "/usr/bin/podman", []) { IsPodman = true };
    private static readonly SlotLimits Limits = new(1.5, 1L << 30, 0, 100, 64L << 20);

    [Fact]
    public void Limits_are_given_with_no_swap_beyond_them() =>
        Words(Docker, Limits).ShouldContain("--cpus 1.5 --memory 1073741824 --memory-swap 1073741824 --pids-limit 116 --shm-size 67108864");

    [Fact]
    public void A_limit_that_the_engine_cannot_hold_is_left_out()
    {
        var words = Words(Podman with { Rootless = true, LimitsCpu = false, LimitsMemory = false, LimitsPids = false }, Limits);
        words.ShouldNotContain("--cpus");
        words.ShouldNotContain("--memory");
        words.ShouldNotContain("--pids-limit");
    }

    [Fact]
    public void Rootless_podman_keeps_the_caller_s_number() => Words(Podman with { Rootless = true }, Limits).ShouldContain("--userns keep-id --user 1000:100 ");

    [Fact]
    public void Rootless_podman_keeps_the_caller_s_groups_where_its_runtime_can() =>
        Words(Podman with { Rootless = true, Runtime = "crun" }, Limits).ShouldContain("--group-add keep-groups");

    [Fact]
    public void In_rootless_docker_the_caller_is_its_root() => Words(Docker with { Rootless = true }, Limits).ShouldContain("--user 0:0 --cap-add CHOWN");

    [Fact]
    public void A_daemon_that_shifts_numbers_is_told_not_to() => Words(Docker with { RemapsUsers = true }, Limits).ShouldContain("--userns host --user 1000:100");

    [Fact]
    public void Docker_gets_devices_as_one_quoted_value() => Words(Docker, Limits with { Gpu = 2, Devices = [1, 3] }).ShouldContain("--gpus \"device=1,3\"");

    [Fact]
    public void Podman_gets_devices_one_by_one() =>
        Words(Podman, Limits with { Gpu = 2, Devices = [1, 3] }).ShouldContain("--device nvidia.com/gpu=1 --device nvidia.com/gpu=3");

    [Fact]
    public void The_network_is_off_unless_asked_for()
    {
        Words(Docker, Limits).ShouldContain("--network none");
        Words(Docker, Limits, network: true).ShouldNotContain("--network");
    }

    [Fact]
    public void Slots_with_equal_limits_share_containers() =>
        ContainerKind.Of("i", false, Limits with { Gpu = 1, Devices = [2] }).ShouldBe(ContainerKind.Of("i", false, Limits with { Gpu = 1, Devices = [2] }));

    private static string Words(ContainerEngine engine, SlotLimits limits, bool network = false)
    {
        var settings = new ContainerSettings { Run = "r1", Agent = "/agent", Scratch = "/scratch", Attempts = "/attempts", Owner = (1000, 100) };
        var places = new ContainerPlaces(settings.Agent, settings.Attempts, null, null, []);
        return string.Join(' ', ContainerArguments.Of(engine, settings, places, ContainerKind.Of("sha256:00", network, limits), "name"));
    }
}
