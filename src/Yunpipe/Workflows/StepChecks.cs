using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>What one step can be told about by itself: filters, inserted metadata, batches.</summary>
internal sealed class StepChecks(StepPlace place, MetaNames incoming, ProblemList problems)
{
    private static readonly string[] SaysItem = ["key", "stem", "path"];
    private readonly Step _step = place.Step;

    public void Check()
    {
        if (_step.When is { } when)
            foreach (var name in when.Meta.Keys) FilterMeta().Check(name, when.Source.File is null ? _step.Source : when.Source, problems);
        foreach (var name in _step.VariableTemplates.Values.SelectMany(template => template.Names).Distinct())
            place.Meta.Check(MetaValue.NameOf(name), _step.Source, problems);
        foreach (var output in _step.Algorithm.Outputs)
            foreach (var name in output.Path.Names.Where(ReservedNames.IsMeta)) place.Meta.Check(MetaValue.NameOf(name), _step.Source, problems);
        if (_step.Batch < 1) problems.Add(WorkflowCodes.BadBatch, _step.Source, $"The batch of {Wording.Quote(_step.Name)} is {_step.Batch}; it is at least 1.");
        if (_step.Batch > 1) Batch();
    }

    /// <summary>A gather filters its members, which know more than the group does.</summary>
    private MetaNames FilterMeta() => _step.Gather is null ? incoming : place.Members ?? incoming;

    /// <summary>A batch gives one process the inputs of many items, so that each input must be a list that stands alone in the command, and each output must say whose it is.</summary>
    private void Batch()
    {
        if (_step.Algorithm is { Stdin: not null } or { Stdout: not null } or { Stderr: not null })
            problems.Add(WorkflowCodes.BadBatch, _step.Source, $"{Wording.Quote(_step.Name)} has a batch, and its algorithm a file as standard input or output, which all items would share.", "Leave the batch out.");
        void Wrong(string message, string advice) => problems.Add(WorkflowCodes.BadBatch, _step.Source, $"{Wording.Quote(_step.Name)} has a batch, {message}.", advice);
        if (_step.Gather is not null) { Wrong("and a gather, which is one job already", "Leave one of them out."); return; }
        foreach (var (binding, join) in place.Inputs)
        {
            var port = binding.Port;
            if (port is { List: false } && join == JoinKind.Group) continue;
            if (!port.List) Wrong($"and its input {Wording.Quote(port.Name)} takes one file", "Say list: true at the input in its descriptor, if the program takes several.");
            else if (_step.Algorithm.Command.Tokens.All(token => token.OnlyName is not { } only || only != port.Name && !only.StartsWith(port.Name + ".", StringComparison.Ordinal)))
                Wrong($"and “${{{port.Name}}}” is no token of its own in its command", "Give it a token of its own.");
        }
        foreach (var output in _step.Algorithm.Outputs)
            if (!output.Path.Names.Any(name => SaysItem.Contains(name)))
                Wrong($"and the name of its output {Wording.Quote(output.Name)} does not tell items apart", "Put ${stem} or ${key} into it.");
        foreach (var token in _step.Algorithm.Command.Tokens)
            if (token.Names.FirstOrDefault(name => SaysItem.Contains(name) || ReservedNames.IsMeta(name) || ReservedNames.FileOf(name) is not null || ReservedNames.OutputOf(name) is not null) is { } single)
                Wrong($"and its command uses “${{{single}}}”, which is another for each item", "Let the program name its outputs, or leave the batch out.");
        foreach (var (name, value) in _step.Algorithm.Environment)
            if (value.Names.FirstOrDefault(inserted => SaysItem.Contains(inserted) || ReservedNames.IsMeta(inserted)) is { } single)
                Wrong($"and {Wording.Quote(name)} in its environment uses “${{{single}}}”, which is another for each item", "Leave one of them out.");
    }
}
