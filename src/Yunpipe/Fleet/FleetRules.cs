using Yunpipe.Work;

namespace Yunpipe.Fleet;

/// <summary>How many tasks, of which size, on which capacity; which to stop; and what to say. A pure function of what is asked and the time.
/// <code>
/// a step has                                        then
/// nothing waiting, nothing held                     no task is started; those that outstay twice the idle time are stopped
/// jobs waiting                                      tasks for as much work as is worth a start, at least one, at most one a job
/// a job that ran out of memory                      one task of the size it asks for, if none of that size is there
///
/// a task is                                         then
/// starting, within the time for it                  it counts as if it ran
/// starting for longer                               the reason is said; it is left half that time more
/// starting for still longer                         it is stopped, and the next capacity is asked
///
/// a capacity has                                    then
/// refused less than 2, 4, 8 … 60 min ago            the next of the step's list is asked
/// refused, as have all others                       nothing is started, and the reason is said
/// refused longer ago                                one task shows whether it does again
/// </code>
/// Tasks of a step that has work are never stopped: they end by themselves when their queue gives them nothing. So a decision that was carried out
/// leads to no other, and what is started is not stopped before it could work.</summary>
public static class FleetRules
{
    /// <summary>A job of unknown length is taken to last so long, and a start too, in seconds.</summary>
    private const double UnknownJob = 60, UnknownStart = 60;

    /// <summary>A task is worth its start when it works for at least twice as long as it takes to come up, and for two minutes.</summary>
    private const double LeastWork = 120;

    /// <summary>No more tasks at once: a workflow that starts a thousand machines by mistake can be stopped after the first of these.</summary>
    private const int MostStarts = 50;

    public static FleetDecision Decide(FleetState state)
    {
        var words = new List<FleetWord>();
        var stops = Stops(state, words);
        var stopped = stops.Select(stop => stop.Id).ToHashSet(StringComparer.Ordinal);
        var left = state.Tasks.Where(task => !stopped.Contains(task.Id)).ToList();
        // What is being stopped has not stopped yet.
        var room = Math.Min(MostStarts, Math.Max(0, state.Most - state.Tasks.Count));
        var starts = Starts(state with { Tasks = left }, stops, room, words);
        return new FleetDecision(starts, stops, Ended(state with { Tasks = left }, starts), words);
    }

    private static List<TaskStart> Starts(FleetState state, IReadOnlyList<TaskStop> stops, int room, List<FleetWord> words)
    {
        var starts = new List<TaskStart>();
        var asking = new List<(StepDemand Step, string Capacity, int Wants)>();
        foreach (var step in state.Steps)
        {
            var own = state.Tasks.Where(task => task.Step == step.Name).ToList();
            var wants = Math.Min(Wanted(step), step.MostTasks) - own.Count;
            var large = LargeNeed(step, own);
            if (wants <= 0 && large is null) continue;
            if (Place(state, step, stops) is not { } capacity)
            {
                var last = state.Refusals.Where(refusal => refusal.Step == step.Name).MaxBy(refusal => refusal.At);
                words.Add(new FleetWord(step.Name, $"No task can be started: {(last?.Reason ?? stops.LastOrDefault(stop => stop.Step == step.Name)?.Reason ?? "there is no capacity").TrimEnd('.')}. It is tried again."));
                continue;
            }
            if (large is not null && room > 0 && own.Count < step.MostTasks)
            {
                starts.Add(new TaskStart(step.Name, capacity, 1, large));
                room--;
                wants--;
            }
            if (state.Refusals.Any(refusal => refusal.Step == step.Name && refusal.Capacity == capacity)) wants = Math.Min(wants, 1 - own.Count(task => task.Phase == TaskPhase.Starting) - (large is null ? 0 : 1));
            if (wants > 0) asking.Add((step, capacity, wants));
        }
        foreach (var ((step, capacity, _), count) in asking.Zip(Share(asking.Select(each => each.Wants).ToList(), ref room)))
            if (count > 0) starts.Add(new TaskStart(step.Name, capacity, count, null));
        if (room == 0 && asking.Count > 0 && state.Tasks.Count + starts.Sum(start => start.Count) >= state.Most)
            words.Add(new FleetWord("", $"{state.Most} tasks are the most that this deployment may run; more jobs wait."));
        return starts;
    }

    /// <summary>Tasks that a step should have: those that its held jobs occupy, and for what waits as many as have work worth a start.</summary>
    public static int Wanted(StepDemand step)
    {
        if (step.Waiting <= 0 && step.InFlight <= 0) return 0;
        double slots = Math.Max(1, step.Slots);
        var worth = Math.Max(LeastWork, 2 * (step.StartSeconds ?? UnknownStart));
        var busy = Math.Ceiling(Math.Max(0, step.InFlight) / slots);
        var more = Math.Ceiling(Math.Max(0, step.Waiting) * Math.Max(0.001, step.JobSeconds ?? UnknownJob) / (slots * worth));
        var most = Math.Ceiling((Math.Max(0, step.Waiting) + Math.Max(0, step.InFlight)) / slots);
        return (int)Math.Clamp(Math.Min(busy + more, most), 1, int.MaxValue);
    }

    /// <summary>The largest memory that is asked for and that no task of the step has, to whole GiB as Fargate sells it.</summary>
    private static int? LargeNeed(StepDemand step, IReadOnlyList<FleetTask> own)
    {
        if (step.Large.Count == 0) return null;
        var need = Math.Min(step.MostMemoryMiB, (step.Large.Max() + 1023) / 1024 * 1024);
        return need > step.MemoryMiB && own.All(task => task.MemoryMiB < need) ? need : null;
    }

    /// <summary>The first capacity of the step's list that has not refused lately.</summary>
    private static string? Place(FleetState state, StepDemand step, IReadOnlyList<TaskStop> stops)
    {
        foreach (var capacity in step.Capacity)
            if (!stops.Any(stop => stop.IsRefusal && stop.Step == step.Name && stop.Capacity == capacity)
                && !state.Refusals.Any(refusal => refusal.Step == step.Name && refusal.Capacity == capacity && state.Now - refusal.At < Patience(refusal.Times))) return capacity;
        return null;
    }

    /// <summary>How long a capacity is left alone, in milliseconds.</summary>
    public static long Patience(int times) => Math.Min(60, 1L << Math.Clamp(times, 1, 6)) * 60_000;

    /// <summary>Gives one to each in turn, in their order, until all have what they want or none is left.</summary>
    private static int[] Share(IReadOnlyList<int> wants, ref int room)
    {
        var shares = new int[wants.Count];
        for (var given = true; given && room > 0;)
        {
            given = false;
            for (var i = 0; i < wants.Count && room > 0; i++)
                if (shares[i] < wants[i])
                {
                    shares[i]++;
                    room--;
                    given = true;
                }
        }
        return shares;
    }

    private static List<TaskStop> Stops(FleetState state, List<FleetWord> words)
    {
        var stops = new List<TaskStop>();
        foreach (var task in state.Tasks)
        {
            var age = (state.Now - task.Asked) / 1000;
            var step = state.Steps.FirstOrDefault(step => step.Name == task.Step);
            if (task.Phase == TaskPhase.Starting && age > state.Start)
            {
                var waited = Failure.Duration(TimeSpan.FromSeconds(age));
                var reason = task.Reason.Length > 0 ? task.Reason.TrimEnd('.') : "nothing more is known";
                words.Add(new FleetWord(task.Step, $"A task has not come up on {task.Capacity} for {waited}: {reason}."));
                if (age > state.Start * 1.5) stops.Add(new TaskStop(task.Id, task.Step, task.Capacity, $"It did not come up for {waited}: {reason}.") { IsRefusal = true });
            }
            else if (step is null) stops.Add(new TaskStop(task.Id, task.Step, task.Capacity, "The deployment has no such step any more."));
            else if (step is { Waiting: 0, InFlight: 0, EmptySince: { } since } && state.Now - Math.Max(since, task.Asked) > state.Idle * 2000L + (task.Phase == TaskPhase.Starting ? state.Start * 1000L : 0))
                stops.Add(new TaskStop(task.Id, task.Step, task.Capacity, "It has had nothing to do, and did not end by itself."));
        }
        return stops;
    }

    /// <summary>Instances that have had no task for the idle time, where none is on its way to them.</summary>
    private static List<string> Ended(FleetState state, IReadOnlyList<TaskStart> starts) =>
        [.. state.Instances.Where(instance => instance is { Tasks: 0, IdleSince: { } since } && state.Now - since > state.Idle * 1000L
            && starts.All(start => start.Capacity != instance.Capacity) && state.Tasks.All(task => task.Phase != TaskPhase.Starting || task.Capacity != instance.Capacity)).Select(instance => instance.Id)];
}
