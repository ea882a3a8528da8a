using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Runs;

/// <summary>Where the results of planned jobs will stand, as far as their names are known before they are made: no two may share a place, and none
/// may be longer than a file's name can be. Holds 16 bytes a result.</summary>
internal sealed class PlannedPlaces(Template layout)
{
    private static readonly Dictionary<string, string> None = [];
    private readonly SeenKeys _taken = new();

    /// <summary>What is wrong with the names of a job's results; null where nothing is.</summary>
    public Problem? Flaw(StepProgram step, Job job)
    {
        var name = $"{step.Name}/{job.Key}";
        if (Outputs.Flaw(step, job) is { } flaw) return new Problem("YP2006", $"{Wording.Quote(name)}: {flaw.Sentence}");
        var entries = ViewPath.Of(Promised(step, job), step.Plan, layout);
        if (ViewPath.Flaw(entries) is { } misplaced) return new Problem("YP2006", $"{Wording.Quote(name)}: {misplaced.Sentence}");
        Problem? shared = null;
        foreach (var entry in entries)
            if (!_taken.Add(entry.Path))
                shared ??= new Problem(WorkflowCodes.Collision, $"The result of {Wording.Quote(name)} would stand at {Wording.Quote(entry.Path)}, where another item's does.", null,
                    "Let output.layout say more, such as ${key}, or rename one of them.");
        return shared;
    }

    /// <summary>A manifest of the outputs whose names are certain.</summary>
    private static Manifest Promised(StepProgram step, Job job) => new()
    {
        Job = "", Step = step.Name, Key = job.Key, Origin = job.Origin, Content = "", Algorithm = "", Meta = job.Meta, Variables = None, Inputs = [], Attempts = [],
        Outputs =
        [
            .. step.Algorithm.Outputs.Where(port => port is { Each: false, Required: true }).Select(port => (port.Name, Pattern: CommandLine.OutputOf(step, job, port.Path)))
                .Where(output => output.Pattern is { IsWild: false }).Select(output => new ManifestOutput(output.Name, output.Pattern!.ToString(), 0, "")),
        ],
    };
}
