using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>A container whose agent waits for work.</summary>
internal sealed record WarmContainer(ContainerKind Kind, string Name, AgentConnection Agent);

/// <summary>Idle containers, by kind. The one used last is handed out first; beyond the limit the one that waited longest goes.
/// Containers end on another thread, since that takes the engine a few hundred milliseconds and no job needs to wait for it.</summary>
internal sealed class WarmContainers(int limit)
{
    /// <summary>So many may be ending at once; from then on the caller waits, which keeps their number bounded.</summary>
    private const int MostEnding = 16;

    private readonly Lock _lock = new();
    private readonly List<WarmContainer> _idle = [];
    private readonly HashSet<Task> _ending = [];

    public WarmContainer? Take(ContainerKind kind)
    {
        while (true)
        {
            WarmContainer taken;
            lock (_lock)
            {
                var at = _idle.FindLastIndex(container => container.Kind == kind);
                if (at < 0) return null;
                taken = _idle[at];
                _idle.RemoveAt(at);
            }
            if (taken.Agent.IsQuiet) return taken;
            // Somebody ended it while it was idle: no job needs to be lost for that.
            End(taken);
        }
    }

    public void Return(WarmContainer container)
    {
        WarmContainer? oldest = null;
        lock (_lock)
        {
            _idle.Add(container);
            if (_idle.Count > limit)
            {
                oldest = _idle[0];
                _idle.RemoveAt(0);
            }
        }
        if (oldest is not null) End(oldest);
    }

    public void End(WarmContainer container)
    {
        lock (_lock)
        {
            if (_ending.Count < MostEnding)
            {
                var ending = new Task(container.Agent.Dispose, TaskCreationOptions.LongRunning);
                _ending.Add(ending);
                _ = ending.ContinueWith(Forget, TaskScheduler.Default);
                ending.Start(TaskScheduler.Default);
                return;
            }
        }
        container.Agent.Dispose();
    }

    /// <summary>Ends all, and waits until they have.</summary>
    public async Task EndAll()
    {
        Task[] ending;
        lock (_lock)
        {
            foreach (var container in _idle)
            {
                var task = new Task(container.Agent.Dispose, TaskCreationOptions.LongRunning);
                _ending.Add(task);
                task.Start(TaskScheduler.Default);
            }
            _idle.Clear();
            ending = [.. _ending];
        }
        await Task.WhenAll(ending);
    }

    private void Forget(Task task)
    {
        // A failed end stays, so that the launcher's own end tells of it.
        lock (_lock)
            if (task.IsCompletedSuccessfully) _ending.Remove(task);
    }
}
