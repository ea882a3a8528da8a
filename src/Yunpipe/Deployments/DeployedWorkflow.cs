using System.Text.Json;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Deployments;

/// <summary>A deployment read back: its plan, and what runs at each step. Jobs that are made of it have the ids that whoever deployed it would give them.</summary>
public sealed record DeployedWorkflow(Deployment Deployment, Plan Plan, IReadOnlyList<StepProgram> Steps)
{
    /// <summary>What a deployed workflow calls its table.</summary>
    public const string TableName = "table.csv";

    public const string Unreadable = "YP6101";
    public const string OtherFormat = "YP6102";
    public const string Contradiction = "YP6103";

    public DeployedStep StepOf(string name) => Deployment.Steps.First(step => step.Name == name);

    /// <param name="scratch">An own folder, where a table is put for the reader.</param>
    /// <param name="launcher">What starts processes here; a dispatcher starts none (<see cref="NoLauncher"/>).</param>
    public static Reading<DeployedWorkflow> Read(ReadOnlySpan<byte> json, string scratch, ILauncher launcher)
    {
        Deployment? deployment;
        try
        {
            deployment = JsonSerializer.Deserialize(json, DeploymentJson.Default.Deployment);
        }
        catch (JsonException error)
        {
            return Refuse(Unreadable, $"The deployment document cannot be read: {error.Message}", "Deploy the workflow again.");
        }
        if (deployment is null) return Refuse(Unreadable, "The deployment document is empty.", "Deploy the workflow again.");
        if (deployment.Format != Deployment.CurrentFormat)
            return Refuse(OtherFormat, $"The deployment was written by Yunpipe {deployment.Version} in format {deployment.Format}; this release reads format {Deployment.CurrentFormat}.", "Deploy it again with this release.");
        return Read(deployment, scratch, launcher);
    }

    private static Reading<DeployedWorkflow> Read(Deployment deployment, string scratch, ILauncher launcher)
    {
        if (deployment.Table is { } table) File.WriteAllText(Path.Combine(scratch, TableName), table);
        var workflow = WorkflowReader.Read(deployment.Workflow.GetRawText(), Deployment.ObjectName, scratch, (reference, _) => Find(deployment, reference));
        if (workflow.Value is null) return new(null, workflow.Problems);
        var set = WorkflowSettings.Apply(workflow.Value, deployment.Settings, scratch);
        if (set.Value is null) return new(null, set.Problems);
        var plan = Planner.Plan(set.Value);
        if (plan.Value is null) return new(null, plan.Problems);
        var programs = new List<StepProgram>();
        foreach (var step in plan.Value.Steps)
        {
            if (deployment.Steps.FirstOrDefault(other => other.Name == step.Name) is not { } own || !Digest.TryParse(own.Identity, out var identity))
                return Refuse(Contradiction, $"The deployment says nothing about the step “{step.Name}” of its workflow.", "Deploy the workflow again.");
            programs.Add(Program(step, own, identity, launcher));
        }
        return new(new DeployedWorkflow(deployment, plan.Value, programs), []);
    }

    private static StepProgram Program(PlanStep step, DeployedStep own, Digest identity, ILauncher launcher)
    {
        var program = new AlgorithmProgram(own.Program, own.Image, null, new Dictionary<string, Digest>(), step.Algorithm.Network, step.Algorithm.Isolation);
        IReadOnlyList<Variant> variants = own.Variants.Count == 0 ? [Variant.Plain]
            : [.. own.Variants.Select(variant => new Variant(Values(variant.Values), [.. variant.Meta.Select(axis => new KeyValuePair<string, string>(axis.Name, axis.Value))]))];
        return new StepProgram(step, launcher, program, identity, new SlotLimits(own.Cpu, own.Memory, own.Gpu, own.Pids, own.SharedMemory), Values(own.Variables), variants, own.References);
    }

    private static Dictionary<string, VariableValue> Values(IReadOnlyDictionary<string, DeployedValue> values) =>
        values.ToDictionary(entry => entry.Key, entry => new VariableValue(entry.Value.Items, entry.Value.IsList), StringComparer.Ordinal);

    private static Reading<Algorithm> Find(Deployment deployment, string reference) => deployment.Algorithms.TryGetValue(reference, out var algorithm)
        ? AlgorithmReader.Read(algorithm.GetRawText(), reference, "")
        : new(null, [new Problem(Contradiction, $"The deployment does not hold the algorithm “{reference}”.", null, "Deploy the workflow again.")]);

    private static Reading<DeployedWorkflow> Refuse(string code, string message, string advice) => new(null, [new Problem(code, message, null, advice)]);
}
