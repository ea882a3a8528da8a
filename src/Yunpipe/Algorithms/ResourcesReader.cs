using System.Globalization;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>What an algorithm or a step asks for. A step gives the algorithm's as fallback and overrides key by key.</summary>
public static class ResourcesReader
{
    private static readonly ByteSize SmallestMemory = ByteSize.MiB(1);

    public static Resources Read(DocumentNode? node, Resources fallback, ProblemList problems)
    {
        if (node is null) return fallback;
        var fields = Fields.Of(node, "resources", problems);
        var (minimum, suggested) = Memory(fields, fallback);
        var resources = fallback with
        {
            Cpu = (double)(fields.Number("cpu", 0.01m, 1024) ?? (decimal)fallback.Cpu),
            MemoryMinimum = minimum,
            MemorySuggested = suggested,
            Gpu = fields.Integer("gpu", fallback.Gpu, 0, 64),
            Disk = fields.Size("disk", fallback.Disk, SmallestMemory),
            SharedMemory = fields.Size("shm", fallback.SharedMemory, SmallestMemory),
            Timeout = fields.Duration("timeout", fallback.Timeout),
            Pids = fields.Integer("pids", fallback.Pids, 1, 4_194_304),
            Machines = Machines(fields, fallback),
        };
        fields.Done();
        return resources;
    }

    private static IReadOnlyList<string> Machines(Fields fields, Resources fallback)
    {
        if (!fields.Has("machines")) return fallback.Machines;
        foreach (var item in fields.List("machines"))
            if (item is ScalarNode { IsNull: false } type && !MachineName.IsType(type.Text))
                fields.Problems.Add(AlgorithmCodes.BadMachine, item.Where, $"{Wording.Quote(type.Text)} is not a type of machine.", "Write types as EC2 names them: [g4dn.xlarge, g5.xlarge].");
        return fields.Texts("machines");
    }

    /// <summary><c>memory: 2 GiB</c> is both: what is needed and what is asked for first.</summary>
    private static (ByteSize Minimum, ByteSize Suggested) Memory(Fields fields, Resources fallback)
    {
        if (fields.Node("memory") is not MapNode node)
        {
            if (!fields.Has("memory")) return (fallback.MemoryMinimum, fallback.MemorySuggested);
            var size = fields.Size("memory", fallback.MemorySuggested, SmallestMemory);
            return (size, size);
        }
        var memory = Fields.Of(node, "memory", fields.Problems);
        var minimum = memory.Size("minimum", default, SmallestMemory);
        var suggested = memory.Size("suggested", minimum, SmallestMemory);
        memory.Done();
        if (suggested < minimum)
            fields.Problems.Add(AlgorithmCodes.Contradiction, memory.Place("suggested"), $"The suggested memory, {suggested}, is less than the minimum, {minimum}.");
        return (minimum, suggested);
    }
}

/// <summary>How often a failed job is tried: a number of attempts, or a map. A step overrides the algorithm's key by key.</summary>
public static class RetryReader
{
    public static RetryPolicy Read(DocumentNode? node, RetryPolicy fallback, ProblemList problems)
    {
        if (node is null) return fallback;
        if (node is ScalarNode { IsQuoted: false } count && int.TryParse(count.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) && attempts is >= 1 and <= 100)
            return fallback with { Attempts = attempts };
        var fields = Fields.Of(node, "retry", problems);
        var policy = new RetryPolicy(
            fields.Integer("attempts", fallback.Attempts, 1, 100),
            fields.Duration("backoff", fallback.Backoff),
            (double)(fields.Number("memoryGrowth", 1, 16) ?? (decimal)fallback.MemoryGrowth));
        fields.Done();
        return policy;
    }
}

/// <summary>Meanings of exit codes. A bare text is the sentence of a permanent failure.</summary>
internal static class ExitCodeReader
{
    public static IReadOnlyDictionary<int, ExitMeaning> Read(Fields algorithm)
    {
        var meanings = new SortedDictionary<int, ExitMeaning>();
        foreach (var entry in algorithm.Entries("exitCodes"))
        {
            if (!int.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is < 1 or > 255)
            {
                algorithm.Problems.Add(AlgorithmCodes.BadExitCode, entry.Where, $"{Wording.Quote(entry.Key)} is not an exit code.",
                    entry.Key == "0" ? "0 is success always." : "They go from 1 to 255.");
                continue;
            }
            if (entry.Value is ScalarNode { IsNull: false } says) { meanings[code] = new ExitMeaning(ExitKind.Permanent, says.Text); continue; }
            var fields = Fields.Of(entry.Value, "an exit code", algorithm.Problems);
            meanings[code] = new ExitMeaning(fields.Word("kind", ExitKind.Permanent, AlgorithmWords.ExitKinds), fields.Text("says") ?? "");
            fields.Done();
        }
        return meanings;
    }
}
