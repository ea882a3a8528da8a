using System.CommandLine;
using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Runs;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>How much of the machine a run may use. Nothing said: all cores, 85 % of the memory that is free, and all GPUs.</summary>
internal sealed class CapacityOptions
{
    private const double ShareOfMemory = 0.85;
    private const int MostJobs = 1024;

    public Option<string?> Jobs { get; } = new("--jobs", "-j") { Description = "How many jobs at once, whatever processors they ask for.", HelpName = "N" };
    public Option<string?> Cpu { get; } = new("--cpu") { Description = "Processor cores to use. [all]", HelpName = "N" };
    public Option<string?> Memory { get; } = new("--memory") { Description = "Memory to use, such as 12GiB. [85 % of what is free]", HelpName = "SIZE" };
    public Option<string?> Gpus { get; } = new("--gpus") { Description = "GPUs to use, by number: 0,1; or none. [all]", HelpName = "LIST" };

    public IReadOnlyList<Option> All => [Jobs, Cpu, Memory, Gpus];

    public Reading<Capacity> Read(ParseResult parse, Plan plan, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        var problems = new List<Problem>();
        var jobs = (int?)Number(parse, Jobs, "a whole number from 1", number => number >= 1 && Math.Floor(number) == number, problems);
        var cores = Number(parse, Cpu, "a number above 0, up", number => number > 0, problems);
        if (jobs is not null && cores is not null) problems.Add(new Problem("YP5003", "--jobs and --cpu say the same thing in two ways.", null, "Use one of them."));
        var memory = default(ByteSize);
        if (parse.GetValue(Memory) is { } size && (!ByteSize.TryParse(size, out memory) || memory.Bytes == 0))
            problems.Add(new Problem("YP5003", $"--memory wants a size, and {Wording.Quote(size)} is none.", null, "Write 12GiB or 800MB."));
        if (memory.Bytes == 0) memory = new ByteSize((long)(Machine.This.AvailableMemory() * ShareOfMemory));
        var gpus = ReadGpus(parse.GetValue(Gpus), plan, environment, problems, cancel);
        if (problems.Count > 0) return new(null, problems);
        var asked = plan.Steps.Select(step => step.Algorithm.Resources.Cpu).DefaultIfEmpty(1).ToList();
        // So many jobs whatever they ask for: then there are processors for that.
        if (jobs is { } count) return new(new Capacity(count * Math.Max(1, asked.Max()), memory.Bytes, gpus, count), []);
        var cpu = cores ?? Machine.This.Cpu;
        return new(new Capacity(cpu, memory.Bytes, gpus, Math.Clamp((int)(cpu / asked.Min() + 1e-6), 1, MostJobs)), []);
    }

    private static double? Number(ParseResult parse, Option<string?> option, string what, Func<double, bool> fits, List<Problem> problems)
    {
        if (parse.GetValue(option) is not { } text) return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= MostJobs && fits(number)) return number;
        problems.Add(new Problem("YP5003", $"{option.Name} wants {what} to {MostJobs}, and {Wording.Quote(text)} is none."));
        return null;
    }

    private static IReadOnlyList<int> ReadGpus(string? text, Plan plan, IReadOnlyDictionary<string, string> environment, List<Problem> problems, CancellationToken cancel)
    {
        // Asking the driver takes a second: only where somebody needs one.
        if (text is null) return plan.Steps.Any(step => step.Algorithm.Resources.Gpu > 0) ? GpuList.Find(environment, cancel) : [];
        if (text is "none" or "") return [];
        var numbers = new List<int>();
        foreach (var part in text.Split(','))
            if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && !numbers.Contains(number)) numbers.Add(number);
            else problems.Add(new Problem("YP5003", $"--gpus wants numbers such as 0,1, and {Wording.Quote(text)} is none.", null, "Write none for no GPU."));
        return numbers;
    }
}
