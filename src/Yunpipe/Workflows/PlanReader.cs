using Yunpipe.Documents;

namespace Yunpipe.Workflows;

/// <summary>From a file to a plan in one reading, so that what reading finds and what planning finds are told together.</summary>
public static class PlanReader
{
    /// <param name="settings">Each <c>step.variable=value</c>.</param>
    /// <param name="directory">Where reference data in settings start; empty is the current folder.</param>
    public static Reading<Plan> Read(string path, FindAlgorithm find, IEnumerable<string>? settings = null, string directory = "")
    {
        var problems = new ProblemList();
        var workflow = WorkflowReader.Read(path, find, problems);
        if (workflow is not null) workflow = WorkflowSettings.Apply(workflow, settings ?? [], directory, problems);
        if (workflow is null || workflow.Steps.Count == 0 && problems.Count > 0) return problems.ToReading<Plan>(null);
        var plan = Planner.Plan(workflow);
        var said = problems.Sorted().Select(problem => problem.Where).ToHashSet();
        // A value that could not be read is missing to the planner too: one word about a place is enough.
        problems.AddRange(plan.Problems.Where(problem => !said.Contains(problem.Where)));
        return problems.ToReading(plan.Value);
    }
}
