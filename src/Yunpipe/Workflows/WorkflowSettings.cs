using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>Values from the command line, <c>step.variable=value</c>: they replace what the workflow says, its matrix of that variable included.</summary>
public static class WorkflowSettings
{
    /// <param name="directory">Where paths of reference data start: the current folder; empty is the same.</param>
    public static Reading<Workflow> Apply(Workflow workflow, IEnumerable<string> settings, string directory = "")
    {
        var problems = new ProblemList();
        return problems.ToReading(Apply(workflow, settings, directory, problems));
    }

    internal static Workflow Apply(Workflow workflow, IEnumerable<string> settings, string directory, ProblemList problems)
    {
        foreach (var setting in settings) workflow = Apply(workflow, setting, directory, problems);
        return workflow;
    }

    private static Workflow Apply(Workflow workflow, string setting, string directory, ProblemList problems)
    {
        var where = new Location($"--set {setting}");
        var (equals, dot) = (setting.IndexOf('='), setting.IndexOf('.'));
        if (equals < 0 || dot < 0 || dot > equals)
        {
            problems.Add(WorkflowCodes.BadSetting, where,
                "A setting names its step, its variable and a value.", $"Write step.variable=value{Example(workflow, setting, equals)}.");
            return workflow;
        }
        var (name, variableName, text) = (setting[..dot], setting[(dot + 1)..equals], setting[(equals + 1)..]);
        if (workflow.Steps.FirstOrDefault(step => step.Name == name) is not { } step)
        {
            var known = workflow.Steps.Select(other => other.Name).ToList();
            problems.Add(WorkflowCodes.UnknownStep, where,
                $"There is no step {Wording.Quote(name)}.", Wording.DidYouMean(name, known) ?? $"There are {Naming.And(known)}.");
            return workflow;
        }
        if (step.Algorithm.Variables.FirstOrDefault(variable => variable.Name == variableName) is not { } found)
        {
            VariableValues.Unknown(step.Algorithm, variableName, where, problems);
            return workflow;
        }
        if (VariableValues.Parse(found, text, where, problems) is not { } value) return workflow;
        if (ReferencePath.IsReference(found)) value = ReferencePath.Anchor(value, directory);
        var changed = step with
        {
            Variables = new Dictionary<string, VariableValue>(step.Variables) { [variableName] = value },
            VariableTemplates = step.VariableTemplates.Where(entry => entry.Key != variableName).ToDictionary(entry => entry.Key, entry => entry.Value),
            Matrix = [.. step.Matrix.Where(entry => entry.Key != variableName)],
        };
        return workflow with { Steps = [.. workflow.Steps.Select(other => ReferenceEquals(other, step) ? changed : other)] };
    }

    /// <summary>The steps that have the variable which the setting seems to mean.</summary>
    private static string Example(Workflow workflow, string setting, int equals)
    {
        var name = equals < 0 ? setting : setting[..equals];
        var step = workflow.Steps.FirstOrDefault(step => step.Algorithm.Variables.Any(variable => variable.Name == name));
        return step is null ? "" : $", here {step.Name}.{name}=…";
    }
}
