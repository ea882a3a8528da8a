namespace Yunpipe.Work;

/// <summary>Brings an attempt's inputs, and says to an agent what is to be run over them.</summary>
public static class AttemptRequest
{
    /// <param name="jobs">One, or a batch: the first gives the variables and the environment, all give their inputs.</param>
    public static async Task<AgentRun> Of(StepProgram step, IReadOnlyList<Job> jobs, SlotLimits limits, Attempt attempt, CancellationToken stop)
    {
        var job = jobs[0];
        var together = jobs.Count == 1 ? job.Inputs : [.. job.Inputs.Select((port, at) => new JobInput(port.Port, [.. jobs.SelectMany(each => each.Inputs[at].Members)]))];
        var inputs = await attempt.Fetch(together, stop);
        var timeout = step.Algorithm.Resources.Timeout;
        var scope = CommandLine.Scope(step, job, inputs, attempt.SeenRoot, limits);
        return new AgentRun
        {
            Attempt = attempt.Folder.Id,
            Jobs = [.. jobs.Select(each => each.Id.ToString())],
            Arguments = CommandLine.Arguments(scope, step.Program),
            Environment = CommandLine.Environment(scope, job, limits),
            Directory = attempt.SeenRoot,
            Log = attempt.SeenRoot + "/log",
            Timeout = (long)timeout.TotalMilliseconds * jobs.Count,
            Links = attempt.FixedPlaces(inputs),
        };
    }
}
