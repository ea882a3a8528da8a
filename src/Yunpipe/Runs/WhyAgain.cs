using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Runs;

/// <summary>Says why a job is not the one that its item had at its step before: the first difference, in the order program, variables, inputs.</summary>
internal static class WhyAgain
{
    public static (RunReason Reason, string Why) Of(StepProgram step, Job job, Manifest? last)
    {
        if (last is null) return (RunReason.New, "It was never made.");
        if (last.Algorithm != step.Identity.ToString()) return (RunReason.AlgorithmChanged, "The algorithm has changed: its program, command, files or declared outputs.");
        if (Variable(step, job, last) is { } variable) return (RunReason.VariableChanged, variable);
        var before = last.Inputs.ToLookup(input => (input.Name, input.Key), input => input.Version);
        foreach (var port in job.Inputs)
            foreach (var member in port.Members)
            {
                IReadOnlyList<string> versions = [.. before[(port.Port, member.Key)]];
                if (versions.Count == 0) return (RunReason.InputsChanged, $"{Wording.Quote(member.Key)} has come in at “{port.Port}”.");
                if (Changed(port.Port, member, versions) is { } changed) return (RunReason.InputChanged, changed);
            }
        var now = job.Inputs.SelectMany(port => port.Members.Select(member => (port.Port, member.Key))).ToHashSet();
        return last.Inputs.FirstOrDefault(input => !now.Contains((input.Name, input.Key))) is { } gone
            ? (RunReason.InputsChanged, $"{Wording.Quote(gone.Key)} has gone from “{gone.Name}”.")
            : (RunReason.New, "Its inputs or variables are others than before.");
    }

    private static string? Variable(StepProgram step, Job job, Manifest last)
    {
        foreach (var (name, value) in job.Variables)
        {
            var was = last.Variables.GetValueOrDefault(name);
            if (was == value.Text) continue;
            if (step.Algorithm.Variables.FirstOrDefault(variable => variable.Name == name) is { } variable && ReferencePath.IsReference(variable))
                return $"“{name}” is other data than before: {Wording.AllOf(value.Items.Select(digest => Path.GetFileName(step.References.GetValueOrDefault(digest, digest))))}.";
            return was is null ? $"“{name}” is now {value.Text}; it had no value." : $"“{name}” is now {value.Text}; it was {was}.";
        }
        return last.Variables.FirstOrDefault(pair => !job.Variables.ContainsKey(pair.Key)) is { Key: { } left } lost ? $"“{left}” has no value now; it was {lost.Value}." : null;
    }

    /// <param name="versions">Of the file, and then of those that went along with it.</param>
    private static string? Changed(string port, InputMember member, IReadOnlyList<string> versions)
    {
        if (member.Part.File.Version != versions[0])
            return member.Part.File.Place == Items.Place.Job ? $"What comes in at “{port}” for {Wording.Quote(member.Key)} is other than before." : $"{Wording.Quote(member.Key)} has changed, or was touched.";
        var beside = versions.Skip(1).ToList();
        if (member.Part.Sidecars.Select(sidecar => sidecar.Version).SequenceEqual(beside)) return null;
        var other = member.Part.Sidecars.FirstOrDefault(sidecar => !beside.Contains(sidecar.Version));
        return other is null ? $"A file beside {Wording.Quote(member.Key)} has gone." : $"{Wording.Quote(other.Path)}, beside {Wording.Quote(member.Key)}, has changed, or was touched.";
    }
}
