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
        return Process(scope, attempt.SeenRoot, attempt.Folder.Out, attempt.Folder.Tmp) with
        {
            Attempt = attempt.Folder.Id,
            Jobs = [.. jobs.Select(each => each.Id.ToString())],
            Arguments = CommandLine.Arguments(scope, step.Program),
            Environment = CommandLine.Environment(scope, job, limits),
            Log = attempt.SeenRoot + "/log",
            Timeout = (long)timeout.TotalMilliseconds * jobs.Count,
            Links = attempt.FixedPlaces(inputs),
        };
    }

    /// <summary>The process alone: its arguments, where it starts, its standard streams. Writes its configuration files.</summary>
    /// <param name="seenRoot">The folder of the attempt as the algorithm sees it; the two folders are as this process sees them.</param>
    public static AgentRun Process(CommandScope scope, string seenRoot, string outFolder, string tmpFolder)
    {
        WriteConfigs(scope, outFolder, tmpFolder);
        return new AgentRun
        {
            Attempt = "", Jobs = [], Log = "", Environment = scope.Environment(),
            Arguments = scope.Arguments(),
            Directory = scope.Workdir ?? seenRoot,
            Stdin = scope.Algorithm.Stdin?.Expand(scope.Text),
            Stdout = Stream(scope.Algorithm.Stdout),
            Stderr = Stream(scope.Algorithm.Stderr),
        };

        string? Stream(Template? template)
        {
            if (template?.Expand(scope.Text) is not { } name) return null;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(outFolder, name))!);
            return $"{scope.Out}/{name}";
        }
    }

    private static void WriteConfigs(CommandScope scope, string outFolder, string tmpFolder)
    {
        foreach (var config in scope.Algorithm.Configs)
        {
            if (config.Path.Expand(scope.Text) is not { } name) continue;
            var path = Path.Combine(scope.ConfigFolder == scope.Out ? outFolder : tmpFolder, name);
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
