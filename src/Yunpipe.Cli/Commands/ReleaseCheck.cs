using Yunpipe.Documents;
using Yunpipe.Local.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>Outputs may be released where another step has read them: those of a last step are the results, which nothing would bring back.</summary>
internal static class ReleaseCheck
{
    public static IReadOnlyList<Problem> Of(CliContext context, StoreLayout layout, IReadOnlyList<string> steps)
    {
        if (steps.Count == 0) return [];
        if (LastRun.Read(layout) is not { Workflow: { } file } last)
            return [new Problem("YP5016", $"It is not known which workflow ran into “{layout.Root}”, so nobody can say whether its steps are intermediate.", null, "Run the workflow once more with this release.")];
        var read = PlanReader.Read(file, context.Algorithms.Find, last.Settings, last.Folder);
        if (read.Value is not { } plan) return read.Problems;
        var problems = new List<Problem>();
        foreach (var name in steps)
            if (plan.Steps.FirstOrDefault(step => step.Name == name) is not { } step)
                problems.Add(new Problem("YP5017", $"The workflow has no step {Wording.Quote(name)}.", null, Wording.DidYouMean(name, plan.Steps.Select(known => known.Name)) ?? $"It has {Wording.AllOf(plan.Steps.Select(known => known.Name))}."));
            else if (step.Readers.Count == 0)
                problems.Add(new Problem("YP5018", $"No step reads what {Wording.Quote(name)} makes: its outputs are results, and are not released.", null, "Copy them, then delete the whole output folder."));
        return problems;
    }
}
