using Yunpipe.Local.Runs;

namespace Yunpipe.Tests.Runs;

/// <summary>What a machine has to give, read from the files that its kernel shows.</summary>
public sealed class MachineTests : IDisposable
{
    private const long GiB = 1L << 30;
    private readonly string _root = Directory.CreateTempSubdirectory("yunpipe-machine-").FullName;

    private MachineTests File(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, text);
        return this;
    }

    private long? Available() => new Machine(_root, 4).AvailableMemory();

    private MachineTests With8GiB() => File("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:    8388608 kB\n");

    [Fact]
    public void Without_limits_it_is_what_the_kernel_calls_available() => With8GiB().Available().ShouldBe(8 * GiB);

    [Fact]
    public void A_machine_that_does_not_tell_has_no_known_memory() => Available().ShouldBeNull();

    [Fact]
    public void The_limit_of_a_group_above_counts_less_what_is_used() => With8GiB()
        .File("proc/self/cgroup", "0::/batch/job7\n").File("sys/fs/cgroup/batch/job7/memory.max", "max\n").File("sys/fs/cgroup/batch/job7/memory.current", "1\n")
        .File("sys/fs/cgroup/batch/memory.max", $"{4 * GiB}\n").File("sys/fs/cgroup/batch/memory.current", $"{GiB}\n").Available().ShouldBe(3 * GiB);

    [Fact]
    public void Files_that_the_kernel_can_drop_do_not_count_as_used() => With8GiB()
        .File("proc/self/cgroup", "0::/job\n").File("sys/fs/cgroup/job/memory.max", $"{4 * GiB}\n").File("sys/fs/cgroup/job/memory.current", $"{3 * GiB}\n")
        .File("sys/fs/cgroup/job/memory.stat", $"anon 5\ninactive_file {2 * GiB}\nactive_file 7\n").Available().ShouldBe(3 * GiB);

    [Fact]
    public void A_limit_above_what_is_available_changes_nothing() => With8GiB()
        .File("proc/self/cgroup", "0::/\n").File("sys/fs/cgroup/memory.max", $"{64 * GiB}\n").File("sys/fs/cgroup/memory.current", $"{GiB}\n").Available().ShouldBe(8 * GiB);

    [Fact]
    public void Groups_of_the_older_kind_count_too() => With8GiB()
        .File("proc/self/cgroup", "12:cpu,cpuacct:/x\n5:memory:/docker/1\n").File("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", $"{2 * GiB}\n")
        .File("sys/fs/cgroup/memory/docker/1/memory.usage_in_bytes", $"{GiB}\n").Available().ShouldBe(GiB);

    [Fact]
    public void A_group_that_is_full_leaves_nothing_and_not_less() => With8GiB()
        .File("proc/self/cgroup", "0::/job\n").File("sys/fs/cgroup/job/memory.max", $"{GiB}\n").File("sys/fs/cgroup/job/memory.current", $"{2 * GiB}\n").Available().ShouldBe(0);

    [Fact]
    public void Gpus_are_numbered_as_the_driver_lists_them() =>
        GpuList.Numbers("GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-a)\n  MIG 1g.5gb Device 0: (UUID: MIG-b)\nGPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-c)\n").ShouldBe([0, 1]);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
