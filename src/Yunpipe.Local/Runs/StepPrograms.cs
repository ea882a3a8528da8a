using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Local.References;
using Yunpipe.Runs;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Local.Runs;

/// <summary>Finds out, once for the run, what each step will really run: its program, identity, limits, and reference data by content.</summary>
public static class StepPrograms
{
    public static Task<Reading<IReadOnlyList<StepProgram>>> Find(Plan plan, Func<Algorithm, Reading<ILauncher>> launcherOf, Capacity capacity, CancellationToken cancel) =>
        Find(BroughtPlan.AsIs(plan), launcherOf, capacity, cancel);

    public static async Task<Reading<IReadOnlyList<StepProgram>>> Find(
        BroughtPlan brought, Func<Algorithm, Reading<ILauncher>> launcherOf, Capacity capacity, CancellationToken cancel)
    {
        var problems = new List<Problem>();
        var steps = new List<StepProgram>();
        var digests = new Dictionary<string, string>(brought.Digests, StringComparer.Ordinal);
        foreach (var step in brought.Plan.Steps)
        {
            var launcher = launcherOf(step.Algorithm);
            problems.AddRange(launcher.Problems);
            if (launcher.Value is not { } starts) continue;
            var program = await starts.Resolve(step.Algorithm, cancel);
            problems.AddRange(program.Problems);
            if (program.Value is not { } found) continue;
            var resources = step.Algorithm.Resources;
            var memory = resources.MemorySuggested.Bytes > 0 ? resources.MemorySuggested.Bytes : resources.MemoryMinimum.Bytes;
            // What is suggested may be more than there is; what is needed may not.
            if (capacity.Memory > 0 && memory > capacity.Memory && resources.MemoryMinimum.Bytes <= capacity.Memory) memory = capacity.Memory;
            var limits = new SlotLimits(resources.Cpu, memory, resources.Gpu, resources.Pids, resources.SharedMemory.Bytes);
            if (capacity.Lack(limits) is { } lack)
                problems.Add(new Problem("YP2001", $"Step “{step.Name}” {lack}.", step.Step.Source, "Give the run more, or override the step's resources."));
            var references = new StepReferences(step, starts, digests, problems);
            var values = references.Digested(step.Values);
            var variants = step.Variants.Select(variant => variant with { Values = references.Digested(variant.Values) }).ToList();
            var identity = JobIdentity.OfAlgorithm(step.Algorithm, found.Identity, found.Files);
            var placed = step with { Step = step.Step with { Algorithm = OwnFiles.InPlace(step.Algorithm, starts.Seen) } };
            steps.Add(new StepProgram(placed, starts, found, identity, limits, values, variants, references.Seen));
        }
        return new Reading<IReadOnlyList<StepProgram>>(problems.Count == 0 ? steps : null, problems);
    }
}

/// <summary>Reference data of one step (variables of type file and directory): named by path, known by the digest of its content.</summary>
internal sealed class StepReferences(PlanStep step, ILauncher launcher, Dictionary<string, string> digests, List<Problem> problems)
{
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);

    /// <summary>Digest to the path that the algorithm sees.</summary>
    public IReadOnlyDictionary<string, string> Seen => _seen;

    /// <summary>The values with every path replaced by its digest, which is what a job's identity is made of.</summary>
    public IReadOnlyDictionary<string, VariableValue> Digested(IReadOnlyDictionary<string, VariableValue> given)
    {
        var values = new Dictionary<string, VariableValue>(given, StringComparer.Ordinal);
        foreach (var variable in step.Algorithm.Variables.Where(ReferencePath.IsReference))
        {
            if (!values.TryGetValue(variable.Name, out var value)) continue;
            var paths = value.Items.Select(item => ReferencePath.Resolve(item, step.Algorithm.Directory)).ToList();
            if (paths.Find(path => !IsElsewhere(path) && !Path.Exists(path)) is { } absent)
            {
                problems.Add(new Problem("YP2002", $"“{absent}”, the value of “{variable.Name}” of step “{step.Name}”, is not there.", step.Step.Source));
                continue;
            }
            values[variable.Name] = value with { Items = [.. paths.Select(DigestOf)] };
            foreach (var path in paths) _seen[DigestOf(path)] = IsElsewhere(path) ? path : launcher.Seen(path);
        }
        return values;
    }

    /// <summary>True where somebody only wants to know what would run, and the data was not brought here.</summary>
    private bool IsElsewhere(string path) => ReferencePath.IsRemote(path) && digests.ContainsKey(path);

    private string DigestOf(string path)
    {
        if (!digests.TryGetValue(path, out var digest))
            digests[path] = digest = (Directory.Exists(path) ? ContentDigest.OfDirectory(path).Digest : ContentDigest.OfFile(path)).ToString();
        return digest;
    }
}
