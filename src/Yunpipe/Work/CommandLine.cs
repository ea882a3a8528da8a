using System.Globalization;
using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Items;

namespace Yunpipe.Work;

/// <summary>The inputs of an attempt where the algorithm sees them.</summary>
/// <param name="Paths">By port: one path, or one a member.</param>
/// <param name="Folders">By port: the folder that holds its links.</param>
/// <param name="Tables">By port: a CSV of the members' paths, keys and metadata, where the command asks for one.</param>
public sealed record SeenInputs(IReadOnlyDictionary<string, IReadOnlyList<string>> Paths, IReadOnlyDictionary<string, string> Folders, IReadOnlyDictionary<string, string> Tables);

/// <summary>Makes a job's argument list and environment (model.md, "Algorithms").</summary>
public static class CommandLine
{
    private static readonly string[] ThreadCounts =
        ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", "VIPS_CONCURRENCY"];

    public static IReadOnlyList<string> Arguments(StepProgram step, Job job, SeenInputs inputs, string seenRoot, SlotLimits limits)
    {
        var arguments = step.Algorithm.Command.Expand(name => Resolve(name, step, job, inputs, seenRoot, limits));
        if (step.Program.Executable is not { } executable) return arguments;
        return [executable, .. arguments.Skip(1)];
    }

    public static IReadOnlyDictionary<string, string> Environment(StepProgram step, Job job, SeenInputs inputs, string seenRoot, SlotLimits limits)
    {
        var tmp = seenRoot + "/tmp";
        var threads = Math.Max(1, (int)limits.Cpu).ToString(CultureInfo.InvariantCulture);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = tmp,
            ["USER"] = "yunpipe",
            ["TMPDIR"] = tmp,
            ["XDG_CACHE_HOME"] = tmp + "/.cache",
            ["YUNPIPE_JOB"] = job.Id.ToString(),
        };
        foreach (var name in ThreadCounts) environment[name] = threads;
        if (limits.Devices is { Count: > 0 } devices) environment["CUDA_VISIBLE_DEVICES"] = string.Join(',', devices);
        foreach (var (name, template) in step.Algorithm.Environment)
            if (template.Expand(part => Resolve(part, step, job, inputs, seenRoot, limits)?.Text) is { } value) environment[name] = value;
        return environment;
    }

    /// <summary>What an output is called for a job; null where a value that it needs is missing.</summary>
    public static OutputPattern? OutputOf(StepProgram step, Job job, OutputPort port) =>
        OutputPattern.Of(port.Path, name => Reserved(name, job) ?? (job.Variables.TryGetValue(name, out var value) ? value.Text : null));

    /// <summary>A CSV with one row a member: path, key, and every metadata name that any member has.</summary>
    public static string Table(IReadOnlyList<InputMember> members, IReadOnlyList<string> paths)
    {
        var names = members.SelectMany(member => member.Meta.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var text = new StringBuilder().AppendJoin(',', names.Prepend("key").Prepend("path").Select(Quoted)).Append('\n');
        for (var i = 0; i < members.Count; i++)
            text.AppendJoin(',', names.Select(name => members[i].Meta.GetValueOrDefault(name, "")).Prepend(members[i].Key).Prepend(paths[i]).Select(Quoted)).Append('\n');
        return text.ToString();
    }

    private static CommandValue? Resolve(string name, StepProgram step, Job job, SeenInputs inputs, string seenRoot, SlotLimits limits)
    {
        if (inputs.Paths.TryGetValue(name, out var paths)) return step.Algorithm.Inputs.First(port => port.Name == name).ToArguments(paths);
        if (step.Algorithm.Variables.FirstOrDefault(candidate => candidate.Name == name) is { } variable)
            return job.Variables.TryGetValue(name, out var value) ? VariableValues.ToArguments(variable, Located(step, name, value)) : null;
        return name switch
        {
            "out" => CommandValue.Of(seenRoot + "/out"),
            "tmp" => CommandValue.Of(seenRoot + "/tmp"),
            "cpu" => CommandValue.Of(Math.Max(1, (int)limits.Cpu).ToString(CultureInfo.InvariantCulture)),
            "memory_mb" => CommandValue.Of((limits.Memory > 0 ? limits.Memory >> 20 : 0).ToString(CultureInfo.InvariantCulture)),
            "gpu" => CommandValue.Of(limits.Gpu.ToString(CultureInfo.InvariantCulture)),
            _ when name.EndsWith(".table", StringComparison.Ordinal) && inputs.Tables.TryGetValue(name[..^6], out var table) => CommandValue.Of(table),
            _ when name.EndsWith(".dir", StringComparison.Ordinal) && inputs.Folders.TryGetValue(name[..^4], out var folder) => CommandValue.Of(folder),
            _ => Reserved(name, job) is { } text ? CommandValue.Of(text) : null,
        };
    }

    private static VariableValue Located(StepProgram step, string name, VariableValue value) =>
        step.References.TryGetValue(name, out var path) ? VariableValue.Of(path) : value;

    private static string? Reserved(string name, Job job) => name switch
    {
        "key" or "path" => job.Key,
        "stem" => Stem.Of(job.Key),
        _ when name.StartsWith("meta.", StringComparison.Ordinal) => job.Meta.GetValueOrDefault(name[5..]),
        _ => null,
    };

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",\"\n\r") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
