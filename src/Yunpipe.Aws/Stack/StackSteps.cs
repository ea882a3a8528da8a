using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Aws.Stack;

/// <summary>How whoever deploys wants tasks to run.</summary>
/// <param name="Machines">True for machines of one's own also where Fargate would do.</param>
/// <param name="Spot">True to take spare capacity first.</param>
/// <param name="InstanceTypes">By step: machines chosen by hand; the others are chosen by price.</param>
public sealed record CapacityChoice(bool Machines = false, bool Spot = false, IReadOnlyDictionary<string, IReadOnlyList<string>>? InstanceTypes = null, int MostTasks = 20);

/// <summary>An image as tasks pull it, by digest; with the ARN of its ECR repository where it lies in one.</summary>
public sealed record StackImage(string Reference, string? Repository);

/// <summary>From a plan to the steps of a stack: which size each task has, where it runs, and what it may touch.</summary>
public static class StackSteps
{
    public const string NoImage = "YP6201", TooLong = "YP6202", TooLarge = "YP6203", ManySteps = "YP6204", BadMachine = "YP6205";

    /// <summary>SQS ends a lease twelve hours after receipt, whatever is renewed (design.md §5).</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromHours(11);

    /// <summary>A stack holds 500 resources, and a step on machines needs up to ten of them.</summary>
    private const int MostSteps = 44;

    /// <param name="images">By step; a step that is missing here names no image.</param>
    /// <param name="references">By step: <c>bucket/key</c> of each file and <c>bucket/prefix/*</c> of each directory that it reads beside its items.</param>
    public static Reading<IReadOnlyList<StackStep>> Of(Plan plan, IReadOnlyDictionary<string, StackImage> images, IReadOnlyDictionary<string, IReadOnlyList<string>> references, CapacityChoice choice)
    {
        var problems = new ProblemList();
        var steps = new List<StackStep>();
        if (plan.Steps.Count > MostSteps)
            problems.Add(ManySteps, plan.Workflow.Source, $"The workflow has {plan.Steps.Count} steps; one stack holds {MostSteps}.", "Split it into two workflows, the second of which reads the results of the first.");
        foreach (var step in plan.Steps)
        {
            var size = SizeOf(step);
            if (!images.TryGetValue(step.Name, out var image))
                problems.Add(NoImage, step.Step.Source, $"The step {Wording.Quote(step.Name)} has no image, and AWS runs nothing else.", "Name an image in its algorithm, or put its program into one: yunpipe algorithm new.");
            if (step.Algorithm.Resources.Timeout > MostTime)
                problems.Add(TooLong, step.Step.Source, $"The step {Wording.Quote(step.Name)} may take {Duration.Format(step.Algorithm.Resources.Timeout)}; on AWS a job takes at most 11 h.", "Split the work into smaller jobs, or run it with yunpipe run.");
            if (CapacityOf(step, size, choice) is not { } capacity)
                problems.Add(TooLarge, step.Step.Source, $"No machine that Yunpipe knows holds a task of {Wording.Quote(step.Name)}: {Text(size)}.", "Ask for less, or name machines with --machines STEP=TYPE.");
            else if (Flaw(capacity, size) is { } flaw)
                problems.Add(BadMachine, step.Step.Source, $"The step {Wording.Quote(step.Name)} cannot run on {flaw}", "Name others: machines: [g5.xlarge] among its resources, or --machines STEP=TYPE.");
            else if (image is not null)
                steps.Add(new StackStep(
                    step.Name, image.Reference, size, capacity, [.. step.Inputs.Select(input => input.From?.Name).OfType<string>().Distinct()],
                    step.Inputs.Any(input => input.From is null), step.Readers.Count > 0 ? null : ViewOf(plan, step), references.GetValueOrDefault(step.Name, []))
                {
                    Timeout = step.Algorithm.Resources.Timeout, MostTasks = choice.MostTasks, Repository = image.Repository,
                    Gathers = [.. plan.Steps.Where(other => other.Step.Gather is not null && other.Inputs.Any(input => input.From?.Name == step.Name)).Select(other => other.Name)],
                });
        }
        return problems.ToReading<IReadOnlyList<StackStep>>(steps);
    }

    public static TaskSize SizeOf(PlanStep step)
    {
        var asked = step.Algorithm.Resources;
        var memory = Math.Max(asked.MemorySuggested.Bytes, asked.MemoryMinimum.Bytes);
        return new TaskSize(asked.Cpu, memory > 0 ? memory : 1L << 30, asked.Disk.Bytes, asked.Gpu, asked.SharedMemory.Bytes);
    }

    private static StepCapacity? CapacityOf(PlanStep step, TaskSize size, CapacityChoice choice)
    {
        if (choice.InstanceTypes?.GetValueOrDefault(step.Name) is { } given) return new StepCapacity(CapacityKind.Machines, given, choice.Spot);
        if (!choice.Machines && FargateSize.Holds(size, out _)) return new StepCapacity(CapacityKind.Fargate, [], choice.Spot);
        if (step.Algorithm.Resources.Machines is { Count: > 0 } named) return new StepCapacity(CapacityKind.Machines, named, choice.Spot);
        var types = MachineTypes.Fitting(size);
        return types.Count == 0 ? null : new StepCapacity(CapacityKind.Machines, [.. types.Select(type => type.Name)], choice.Spot);
    }

    /// <summary>The end of a sentence about a machine that somebody named; null where none is known to be wrong. What is sold is more than what is known here.</summary>
    private static string? Flaw(StepCapacity capacity, TaskSize size)
    {
        foreach (var name in capacity.InstanceTypes)
            if (MachineName.IsArm(name)) return $"{Wording.Quote(name)}: it has ARM processors, and images here are for x86-64.";
            else if (MachineTypes.All.FirstOrDefault(type => type.Name == name) is { } type && MachineTypes.Tasks(type, size) == 0)
                return $"{Wording.Quote(name)}: it does not hold {Text(size)}.";
        return null;
    }

    /// <summary>What all paths of the step's view begin with: the layout up to its first insertion that is not the step's name.</summary>
    private static string ViewOf(Plan plan, PlanStep step)
    {
        var begin = "";
        foreach (var piece in plan.Workflow.Output.Layout.Pieces)
        {
            if (piece is { IsName: true, Text: not "step" }) break;
            begin += piece.IsName ? step.Name : piece.Text;
        }
        return begin;
    }

    private static string Text(TaskSize size) =>
        $"{size.Cpu.ToString(System.Globalization.CultureInfo.InvariantCulture)} processors, {new ByteSize(size.Memory)} of memory{(size.Gpu > 0 ? $", {size.Gpu} GPU" : "")}{(size.Disk > 0 ? $", {new ByteSize(size.Disk)} of disk" : "")}";
}
