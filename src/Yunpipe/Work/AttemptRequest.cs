using Yunpipe.Algorithms;

namespace Yunpipe.Work;

/// <summary>Brings an attempt's inputs, and says to an agent what is to be run over them.</summary>
public static class AttemptRequest
{
    /// <param name="jobs">One, or a batch: the first gives the variables and the environment, all give their inputs.</param>
    public static async Task<AgentRun> Of(StepProgram step, IReadOnlyList<Job> jobs, SlotLimits limits, Attempt attempt, CancellationToken stop)
    {
        var job = jobs[0];
        var inputs = await attempt.Fetch(jobs.Count == 1 ? job.Inputs : Together(step, jobs), stop);
        var timeout = step.Algorithm.Resources.Timeout;
        var scope = CommandLine.Scope(step, job, inputs, attempt.SeenRoot, limits);
        WriteConfigs(scope, attempt.Folder);
        return new AgentRun
        {
            Attempt = attempt.Folder.Id,
            Jobs = [.. jobs.Select(each => each.Id.ToString())],
            Arguments = CommandLine.Arguments(scope, step.Program),
            Environment = CommandLine.Environment(scope, job, limits),
            Directory = scope.Workdir ?? attempt.SeenRoot,
            Stdin = step.Algorithm.Stdin?.Expand(scope.Text),
            Stdout = Stream(step.Algorithm.Stdout),
            Stderr = Stream(step.Algorithm.Stderr),
            Log = attempt.SeenRoot + "/log",
            Timeout = (long)timeout.TotalMilliseconds * jobs.Count,
            Links = attempt.FixedPlaces(inputs),
        };

        string? Stream(Template? template)
        {
            if (template?.Expand(scope.Text) is not { } name) return null;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(attempt.Folder.Out, name))!);
            return $"{scope.Out}/{name}";
        }
    }

    private static void WriteConfigs(CommandScope scope, AttemptFolder folder)
    {
        foreach (var config in scope.Algorithm.Configs)
        {
            if (config.Path.Expand(scope.Text) is not { } name) continue;
            var path = Path.Combine(scope.ConfigFolder == scope.Out ? folder.Out : folder.Tmp, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, string.Concat(config.Lines.Select(line => line.Expand(scope.Text)).OfType<string>().Select(line => line + "\n")));
        }
    }

    /// <summary>The lists of all jobs one behind the other; what is no list is one file, the same for all of them.</summary>
    private static List<JobInput> Together(StepProgram step, IReadOnlyList<Job> jobs) =>
    [
        .. step.Algorithm.Inputs
            .Select(port => new JobInput(port.Name, [.. jobs.Take(port.List ? jobs.Count : 1).SelectMany(job => job.Inputs).Where(input => input.Port == port.Name).SelectMany(input => input.Members)]))
            .Where(input => input.Members.Count > 0),
    ];
}
