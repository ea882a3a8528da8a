using System.Text.Json.Serialization;

namespace Yunpipe.Reports;

/// <summary>Numbers of one step, over the current jobs of all items. Times in milliseconds, sizes in bytes.</summary>
/// <param name="Done">Jobs with a manifest of their own work.</param>
/// <param name="Adopted">Jobs that took over the outputs of equal work.</param>
/// <param name="Superseded">Done jobs that are not the current ones of their items any more: other variables, algorithms or inputs. Not in the other numbers.</param>
/// <param name="Attempts">Processes, so that a batch counts once.</param>
/// <param name="Wall">Of the attempts that succeeded.</param>
/// <param name="Lost">Wall time of those that did not.</param>
/// <param name="CpuAsked">Cores; null where it is not known what the step asks for.</param>
/// <param name="CoresUsed">Processor time over wall time.</param>
/// <param name="Retries">Tries that were followed by another, by cause.</param>
/// <param name="FirstStarted">Milliseconds since 1970, UTC; 0 where nothing ran.</param>
public sealed record StepReport(
    string Name, long Done, long Adopted, long SetAside, long Superseded, long Attempts, Spread Wall, Spread Cpu, double Lost, MemoryReport Memory, double? CpuAsked, double CoresUsed,
    long InBytes, long OutBytes, long ReadBytes, long WrittenBytes, IReadOnlyDictionary<string, long> Retries, long FirstStarted, long LastEnded)
{
    /// <summary>Stands for a step where items were set aside before any: their names could not be understood.</summary>
    public const string Input = "input";

    /// <summary>Processor time over what was asked for, 1 at best; null where that is not known or too short to tell.</summary>
    public double? CpuEfficiency => CpuAsked is > 0 && Wall.Count > 0 ? CoresUsed / CpuAsked : null;

    /// <summary>A sentence where the cores asked for are not those used; null where they fit, or where jobs are too short to tell.</summary>
    public string? CpuAdvice => CpuAsked is not { } asked || Wall.Median < 100 ? null
        : asked >= 2 && CoresUsed < asked / 2 ? $"{Figures.Number(asked)} cores are asked for and {Figures.Number(CoresUsed)} kept busy on average: {Figures.Number(WholeCores)} would do."
        : CoresUsed > 1.3 * asked ? $"{Figures.Number(CoresUsed)} cores are kept busy on average and {Figures.Number(asked)} asked for: ask for {Figures.Number(WholeCores)}, so that jobs do not get into each other's way."
        : null;

    /// <summary>A little over a whole number is that number: starting and ending take no core.</summary>
    private double WholeCores => Math.Max(1, Math.Ceiling(CoresUsed - 0.15));

    [JsonIgnore] public long RetryCount => Retries.Values.Sum();
}

/// <summary>How values are spread; quantiles are within 1 %.</summary>
public sealed record Spread(long Count, double Min, double Median, double P95, double Max, double Sum)
{
    internal Spread(QuantileSketch sketch) : this(sketch.Count, sketch.Count == 0 ? 0 : sketch.Min, sketch.Quantile(0.5), sketch.Quantile(0.95), sketch.Count == 0 ? 0 : sketch.Max, sketch.Sum) => Sketch = sketch;

    [JsonIgnore] internal QuantileSketch? Sketch { get; }
}
