using System.Text.Json;
using Yunpipe.Aws.Stack;
using Yunpipe.Deployments;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Aws.Deploying;

/// <summary>What is deployed, before AWS has given names to anything.</summary>
/// <param name="Algorithms">Descriptors, by what the workflow calls them.</param>
/// <param name="Table">Text of the input's table; null without one.</param>
public sealed record DeploymentDraft(
    StackSpec Spec, Plan Plan, JsonElement Workflow, IReadOnlyDictionary<string, JsonElement> Algorithms, IReadOnlyList<StepProgram> Programs, IReadOnlyList<string> Settings, string? Table);

/// <summary>Writes the deployment's document out of a draft and of what the stack tells of itself.</summary>
public static class DeploymentMaker
{
    /// <summary>The most memory of a Fargate task, in MiB.</summary>
    private const int MostFargateMiB = 122_880;

    /// <param name="outputs">Of the stack.</param>
    /// <param name="fill">Puts account, region and the like into what a template leaves to CloudFormation.</param>
    /// <param name="references">By digest: the places to which reference data was uploaded.</param>
    public static Deployment Of(DeploymentDraft draft, IReadOnlyDictionary<string, string> outputs, Func<string, string> fill, IReadOnlyDictionary<string, string> references, DeployedLimits limits, string version, DateTimeOffset now)
    {
        var spec = draft.Spec;
        string Told(string id) => outputs.TryGetValue(id, out var value) ? value : throw new InvalidDataException($"The stack does not tell its {id}.");
        return new Deployment
        {
            Name = spec.Name, Version = version, Made = now.ToUnixTimeMilliseconds(), Workflow = draft.Workflow, Algorithms = draft.Algorithms, Settings = draft.Settings, Table = draft.Table,
            Input = new BucketPlace(Told("InputBucket"), spec.Input.Prefix), Store = new BucketPlace(Told("WorkBucket")), Results = new BucketPlace(Told("ResultsBucket"), spec.Results.Prefix),
            Steps = [.. draft.Programs.Select(program => Step(spec, program, Told, fill, references))],
            Cluster = new DeployedCluster(Told("Cluster"), Told("Subnets").Split(','), Told("SecurityGroups").Split(','), spec.Network?.PublicAddresses ?? true),
            Limits = limits, Dispatcher = Told("Dispatcher"),
        };
    }

    private static DeployedStep Step(StackSpec spec, StepProgram program, Func<string, string> told, Func<string, string> fill, IReadOnlyDictionary<string, string> references)
    {
        var step = spec.Steps.First(own => own.Name == program.Name);
        var id = StepIds.Of(step.Name);
        var own = program.References.Keys.ToDictionary(digest => digest, digest => references[digest]);
        return DeploymentWriter.Step(program, fill(step.Image), told(id + "Queue"), own) with
        {
            Cpu = step.Size.Cpu, Memory = step.Size.Memory, Gpu = step.Size.Gpu, SharedMemory = step.Size.SharedMemory, LeaseSeconds = Stack.Queues.LeaseSeconds, Logs = told(id + "Log"), Task = Task(spec, step, told, id),
        };
    }

    private static DeployedTask Task(StackSpec spec, StackStep step, Func<string, string> told, string id)
    {
        if (step.Capacity.Kind is CapacityKind.Fargate)
        {
            var (cpu, memory) = FargateSize.Fit(step.Size.Cpu, step.Size.Memory)!.Value;
            return new DeployedTask(told(id + "Task"), Stack.Tasks.Container, step.Capacity.Spot ? ["FARGATE_SPOT", "FARGATE"] : ["FARGATE"], cpu, memory, MostFargateMiB, MostTasks: step.MostTasks);
        }
        var most = MachineTypes.All.Where(type => step.Capacity.InstanceTypes.Contains(type.Name)).Select(MachineTypes.Free).DefaultIfEmpty(MachineTypes.TaskMemory(step.Size.Memory)).Min();
        return new DeployedTask(told(id + "Task"), Stack.Tasks.Container, [.. MachineGroups.Of(spec, step).Select(group => told(group.Provider))], (int)Math.Ceiling(step.Size.Cpu * 1024),
            MachineTypes.TaskMemory(step.Size.Memory), most, MostTasks: step.MostTasks);
    }
}
