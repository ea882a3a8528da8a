using System.Collections.Concurrent;
using System.Diagnostics;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>Tasks of ECS as containers of this machine: the published agent is their first process, told by its environment.</summary>
internal sealed class ContainerTasks(string bin) : IAsyncDisposable
{
    private const string Image = "yunpipe-test:latest";
    private readonly ConcurrentDictionary<string, bool> _running = new();
    private int _killed;

    public int Killed => Volatile.Read(ref _killed);

    public async Task Run(CloudBench bench, SmallTask task)
    {
        var step = task.Definition["w-".Length..task.Definition.LastIndexOf(':')];
        var name = "yunpipe-task-" + task.Arn[^32..];
        var start = new ProcessStartInfo("docker", ["run", "--rm", "--name", name, "--network", "host", "--volume", $"{Path.GetFullPath(bin)}/yunpipe-agent:/opt/yunpipe/agent:ro", "--entrypoint", "/opt/yunpipe/agent"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in new Dictionary<string, string>(bench.Environment) { ["YUNPIPE_STEP"] = step, ["YUNPIPE_IDLE"] = "2" })
        {
            start.ArgumentList.Add("--env");
            start.ArgumentList.Add($"{variable}={value}");
        }
        start.ArgumentList.Add(Image);
        start.ArgumentList.Add("work");
        using var container = Process.Start(start)!;
        _running[name] = true;
        var told = await Task.WhenAll(container.StandardOutput.ReadToEndAsync(), container.StandardError.ReadToEndAsync());
        await container.WaitForExitAsync();
        _running.TryRemove(name, out _);
        task.ExitCode = container.ExitCode;
        bench.Aws.Ecs.End(task, container.ExitCode == 0 ? "Essential container in task exited" : string.Concat(told));
    }

    /// <summary>Kills one after the other, some with KILL and some with TERM.</summary>
    public async Task KillAtRandom(int times, Random random)
    {
        for (var tries = 0; Killed < times && tries < 600; tries++)
        {
            await Task.Delay(random.Next(200, 900));
            var names = _running.Keys.Order(StringComparer.Ordinal).ToList();
            if (names.Count > 0 && await Signal(names[random.Next(names.Count)], random.Next(2) == 0 ? "KILL" : "TERM")) Interlocked.Increment(ref _killed);
        }
    }

    /// <summary>Whatever a failed test has left.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var name in _running.Keys) await Signal(name, "KILL");
    }

    private static async Task<bool> Signal(string name, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("docker", ["kill", "--signal", signal, name]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Task.WhenAll(kill.StandardOutput.ReadToEndAsync(), kill.StandardError.ReadToEndAsync());
        await kill.WaitForExitAsync();
        return kill.ExitCode == 0;
    }
}
