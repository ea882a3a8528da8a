using System.Globalization;
using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>The inputs of an attempt where the algorithm sees them.</summary>
/// <param name="Paths">By port: one path, or one a member.</param>
/// <param name="Folders">By port: the folder that holds its links.</param>
/// <param name="Tables">By port: a CSV of the members' paths, keys and metadata, where the command asks for one.</param>
public sealed record SeenInputs(IReadOnlyDictionary<string, IReadOnlyList<string>> Paths, IReadOnlyDictionary<string, string> Folders, IReadOnlyDictionary<string, string> Tables)
{
    private static readonly Dictionary<string, string> Nothing = [];

    public static SeenInputs None { get; } = new(new Dictionary<string, IReadOnlyList<string>>(), Nothing, Nothing);
}

/// <summary>Makes a job's argument list and environment (model.md, "Algorithms").</summary>
public static class CommandLine
{
    private static readonly string[] ThreadCounts =
        ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", "VIPS_CONCURRENCY"];

    public static IReadOnlyList<string> Arguments(CommandScope scope, AlgorithmProgram program)
    {
        var arguments = scope.Arguments();
        return program.Executable is { } executable ? [executable, .. arguments.Skip(1)] : arguments;
    }

    /// <param name="job">Null for a process that a person started by hand.</param>
    public static IReadOnlyDictionary<string, string> Environment(CommandScope scope, Job? job, SlotLimits limits)
    {
        var threads = Math.Max(1, (int)Math.Ceiling(limits.Cpu)).ToString(CultureInfo.InvariantCulture);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = scope.Tmp,
            ["USER"] = "yunpipe",
            ["TMPDIR"] = scope.Tmp,
            ["XDG_CACHE_HOME"] = scope.Tmp + "/.cache",
        };
        if (job is not null) environment["YUNPIPE_JOB"] = job.Id.ToString();
        foreach (var name in ThreadCounts) environment[name] = threads;
        if (limits.Devices is { Count: > 0 } devices) environment["CUDA_VISIBLE_DEVICES"] = string.Join(',', devices);
        foreach (var (name, value) in scope.Environment()) environment[name] = value;
        return environment;
    }

    /// <summary>A value such as metadata of a table may hold <c>..</c>: an argument that begins in the attempt's folder may not end outside of it.</summary>
    public static Failure? LeadsOut(IReadOnlyList<string> arguments, string seenRoot)
    {
        foreach (var argument in arguments)
            if (argument.Contains("..", StringComparison.Ordinal) && argument.IndexOf(seenRoot + "/", StringComparison.Ordinal) is >= 0 and var at
                && !Path.GetFullPath(argument[at..]).StartsWith(seenRoot + "/", StringComparison.Ordinal))
                return new Failure(Cause.OutputName, $"The argument “{argument}” leads out of the job's folder.");
        return null;
    }

    /// <summary>What the names in a job's command stand for.</summary>
    /// <param name="seenRoot">The attempt's folder as the algorithm sees it; empty where only names matter.</param>
    public static CommandScope Scope(StepProgram step, Job job, SeenInputs inputs, string seenRoot, SlotLimits limits) => new()
    {
        Algorithm = step.Algorithm, Inputs = inputs.Paths, Values = step.References.Count == 0 ? job.Variables : Located(step, job),
        Out = seenRoot + "/out", Tmp = seenRoot + "/tmp", Key = job.Key, Path = job.Key, Stem = ItemStem.Of(step.Plan, job.Key, job.Origin),
        Cpu = limits.Cpu, MemoryMb = (int)Math.Min(int.MaxValue, limits.Memory >> 20), Gpu = limits.Gpu, Meta = job.Meta,
        Tables = inputs.Tables, Directories = inputs.Folders,
        FileName = port => job.Inputs.FirstOrDefault(input => input.Port == port) is { Members: [var first, ..] } ? first.Part.File.Name : null,
    };

    /// <summary>What an output is called for a job; null where a value that it needs is missing.</summary>
    public static OutputPattern? OutputOf(StepProgram step, Job job, Template path) =>
        OutputPattern.Of(path, Scope(step, job, SeenInputs.None, "", step.Limits).Text);

    /// <summary>A CSV with one row a member: path, key, and every metadata name that any member has.</summary>
    public static string Table(IReadOnlyList<InputMember> members, IReadOnlyList<string> paths)
    {
        var names = members.SelectMany(member => member.Meta.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var text = new StringBuilder().AppendJoin(',', names.Prepend("key").Prepend("path").Select(Quoted)).Append('\n');
        for (var i = 0; i < members.Count; i++)
            text.AppendJoin(',', names.Select(name => members[i].Meta.GetValueOrDefault(name, "")).Prepend(members[i].Key).Prepend(paths[i]).Select(Quoted)).Append('\n');
        return text.ToString();
    }

    /// <summary>Reference data enters the identity by its digest, and the command by its path.</summary>
    private static Dictionary<string, VariableValue> Located(StepProgram step, Job job)
    {
        var values = new Dictionary<string, VariableValue>(job.Variables, StringComparer.Ordinal);
        foreach (var variable in step.Algorithm.Variables.Where(ReferencePath.IsReference))
            if (values.TryGetValue(variable.Name, out var value)) values[variable.Name] = value with { Items = [.. value.Items.Select(digest => step.References.GetValueOrDefault(digest, digest))] };
        return values;
    }

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",\"\n\r") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
