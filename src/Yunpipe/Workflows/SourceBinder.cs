using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>An input port with what it names, before steps are in order. <paramref name="From"/> is the index of a step as written; −1 is the workflow's input.</summary>
internal sealed record Binding(InputPort Port, int From, string? Part, OutputPort? Output, Location Where, string Shown);

/// <summary>Finds what every input of every step names, in the order written.</summary>
internal sealed class SourceBinder(Workflow workflow, ProblemList problems)
{
    private readonly IReadOnlyList<Step> _steps = workflow.Steps;

    public IReadOnlyList<IReadOnlyList<Binding>> Bind() => [.. Enumerable.Range(0, _steps.Count).Select(Bind)];

    private List<Binding> Bind(int index)
    {
        var step = _steps[index];
        var ports = step.Algorithm.Inputs;
        var bindings = new List<Binding>();
        if (ports.Count == 0)
        {
            problems.Add(WorkflowCodes.UnboundInput, step.Source,
                $"The algorithm of {Wording.Quote(step.Name)} has no input, so that no item can reach it.", "Declare one in its descriptor.");
            return bindings;
        }
        foreach (var (name, source) in step.Inputs)
        {
            if (ports.FirstOrDefault(port => port.Name == name) is { } port) Add(bindings, port, source, index);
            else
                problems.Add(WorkflowCodes.UnknownPort, source.Source, $"{Wording.Quote(name)} is not an input of {Wording.Quote(step.Name)}.",
                    Wording.DidYouMean(name, ports.Select(known => known.Name)) ?? $"It has {Naming.And(ports.Select(known => known.Name))}.");
        }
        var required = ports.Where(port => port.Required).ToList();
        if (step.Inputs.Count == 0 && required.Count <= 1)
        {
            Add(bindings, required.FirstOrDefault() ?? ports[0], new InputSource(index == 0 ? null : _steps[index - 1].Name, null, step.Source), index);
            return bindings;
        }
        foreach (var port in required.Where(port => !step.Inputs.ContainsKey(port.Name)))
            problems.Add(WorkflowCodes.UnboundInput, step.Source,
                $"Nothing says where the input {Wording.Quote(port.Name)} of {Wording.Quote(step.Name)} comes from.",
                $"Write inputs: {{{port.Name}: {(index == 0 ? InputSource.InputWord : _steps[index - 1].Name)}}}.");
        return bindings;
    }

    private void Add(List<Binding> bindings, InputPort port, InputSource source, int index)
    {
        var binding = source.Step is null ? OfInput(port, source) : OfStep(port, source, index);
        if (binding is not null) bindings.Add(binding);
    }

    private Binding? OfInput(InputPort port, InputSource source)
    {
        var parts = workflow.Input.Item?.Parts.Select(part => part.Name).ToList() ?? [];
        if (parts.Count == 0) parts = [Item.DefaultPart];
        if (workflow.Input.Directories != port.Directory) Kind(port, source, workflow.Input.Directories);
        if (source.Port is null) return new Binding(port, -1, parts.Count == 1 ? parts[0] : null, null, source.Source, source.ToString());
        if (parts.Contains(source.Port)) return new Binding(port, -1, source.Port, null, source.Source, source.ToString());
        problems.Add(WorkflowCodes.UnknownPart, source.Source, $"{Wording.Quote(source.Port)} is not a part of the input's items.",
            Wording.DidYouMean(source.Port, parts) ?? $"They have {Naming.And(parts)}.");
        return null;
    }

    private Binding? OfStep(InputPort port, InputSource source, int index)
    {
        var from = -1;
        for (var i = 0; i < _steps.Count && from < 0; i++)
            if (_steps[i].Name == source.Step) from = i;
        if (from < 0)
        {
            var known = _steps.Where((_, i) => i != index).Select(step => step.Name).Prepend(InputSource.InputWord).ToList();
            problems.Add(WorkflowCodes.UnknownStep, source.Source, $"There is no step {Wording.Quote(source.Step!)}.",
                Wording.DidYouMean(source.Step!, known) ?? $"There are {Naming.And(known)}.");
            return null;
        }
        if (Output(_steps[from], source) is not { } output) return null;
        if (output.Directory != port.Directory) Kind(port, source, output.Directory);
        else if (EndingFlaw(output, port) is { } ending)
            problems.Add(WorkflowCodes.WrongKind, source.Source,
                $"{Wording.Quote(source.ToString())} ends in {Wording.Quote(ending)}, and the input {Wording.Quote(port.Name)} accepts {Wording.AnyOf(port.Accepts)}.");
        return new Binding(port, from, null, output, source.Source, source.ToString());
    }

    private OutputPort? Output(Step step, InputSource source)
    {
        var outputs = step.Algorithm.Outputs;
        var names = outputs.Select(output => output.Name).ToList();
        if (source.Port is null)
        {
            var required = outputs.Where(output => output.Required).ToList();
            if (outputs.Count == 1 || required.Count == 1) return outputs.Count == 1 ? outputs[0] : required[0];
            problems.Add(WorkflowCodes.UnknownPort, source.Source,
                outputs.Count == 0 ? $"{Wording.Quote(step.Name)} has no outputs." : $"{Wording.Quote(step.Name)} has several outputs.",
                outputs.Count == 0 ? "Declare them in its algorithm." : $"Say which: {Wording.AnyOf(names.Select(name => $"{step.Name}.{name}"))}.");
            return null;
        }
        if (outputs.FirstOrDefault(output => output.Name == source.Port) is { } found) return found;
        problems.Add(WorkflowCodes.UnknownPort, source.Source, $"{Wording.Quote(source.Port)} is not an output of {Wording.Quote(step.Name)}.",
            Wording.DidYouMean(source.Port, names) ?? (names.Count == 0 ? "It has none." : $"It has {Naming.And(names)}."));
        return null;
    }

    private void Kind(InputPort port, InputSource source, bool isDirectory) =>
        problems.Add(WorkflowCodes.WrongKind, source.Source,
            $"{Wording.Quote(source.ToString())} is a {(isDirectory ? "directory" : "file")}, and the input {Wording.Quote(port.Name)} takes a {(isDirectory ? "file" : "directory")}.",
            
            source.Step is not null ? $"Say kind: {(isDirectory ? "directory" : "file")} at the input, if the program can read it." : $"Say kind: {(isDirectory ? "file" : "directory")} at the workflow's input.");

    /// <summary>The literal ending of an output that none of the accepted globs can match; null where one may.</summary>
    private static string? EndingFlaw(OutputPort output, InputPort port)
    {
        if (port.Accepts.Count == 0 || output.Path.Pieces is not [.., { IsName: false } last] || !last.Text.Contains('.')) return null;
        var ending = last.Text[(last.Text.LastIndexOf('*') + 1)..];
        if (ending.Length == 0 || port.Accepts.Any(glob => !glob.StartsWith('*') || glob.LastIndexOfAny(['*', '?', '/']) > 0)) return null;
        return port.Accepts.Any(glob => ending.EndsWith(glob[1..], StringComparison.OrdinalIgnoreCase) || glob[1..].EndsWith(ending, StringComparison.OrdinalIgnoreCase)) ? null : ending;
    }
}
