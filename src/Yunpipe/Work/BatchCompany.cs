namespace Yunpipe.Work;

/// <summary>The jobs that share one process. They have one command line, so all that enters it beside their lists is the same for all; and one folder
/// of outputs, so no two of them may write a file of one name: who wrote it could not be told.</summary>
public sealed class BatchCompany(StepProgram step)
{
    private readonly List<OutputPattern> _names = [];
    private string? _shared;

    /// <summary>False where the job has to wait for another process.</summary>
    public bool Admit(Job job)
    {
        if (step.Plan.Step.Batch == 1) return true;
        var shared = step.SharedInputs(job);
        if (_shared is not null && _shared != shared) return false;
        var names = step.Algorithm.Outputs.Select(port => CommandLine.OutputOf(step, job, port.Path)).OfType<OutputPattern>().ToList();
        if (names.Any(name => _names.Any(name.Meets))) return false;
        _shared = shared;
        _names.AddRange(names);
        return true;
    }
}
