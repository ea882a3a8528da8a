namespace Yunpipe.Aws.Stack;

/// <summary>What a stack is made of: the steps of a workflow with what each needs, and the choices of whoever deploys it. It holds no credentials.</summary>
public sealed record StackSpec
{
    /// <summary>Name of the deployment and of its stack: lower-case letters, digits and hyphens, at most 40.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the workflow, as a tag on everything.</summary>
    public required string Version { get; init; }

    /// <summary>Who pays and is asked, as a tag on everything.</summary>
    public required string Owner { get; init; }
    public required IReadOnlyList<StackStep> Steps { get; init; }
    public BucketChoice Input { get; init; } = new(null, "");
    public BucketChoice Results { get; init; } = new(null, "");

    /// <summary>Where the dispatcher's program lies, and the digest that makes a new one a change.</summary>
    public required AssetPlace Dispatcher { get; init; }

    /// <summary>The user's own network; null makes one of public subnets with a gateway endpoint for S3.</summary>
    public OwnNetwork? Network { get; init; }
    public int LogDays { get; init; } = 30;

    /// <summary>Days that intermediate results are kept after they were made; 0 keeps them for good. Results of last steps are always kept.</summary>
    public int IntermediateDays { get; init; } = 30;

    /// <summary>How long a task without work, or a machine without a task, is kept.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Whom “finished” and “set aside” are mailed to; null for nobody yet.</summary>
    public string? Mail { get; init; }
}

/// <summary>One step of a stack.</summary>
/// <param name="Image">By digest, in a registry that tasks can pull from; account and region may be left to CloudFormation, as <c>${AWS::AccountId}</c>.</param>
/// <param name="Reads">Steps whose outputs it reads.</param>
/// <param name="View">Where its outputs are shown: what all paths of its view begin with, perhaps empty. Null for an intermediate step, which has no view.</param>
/// <param name="References">Buckets and keys of reference data, <c>bucket/key</c> or <c>bucket/prefix/*</c>.</param>
public sealed record StackStep(
    string Name, string Image, TaskSize Size, StepCapacity Capacity, IReadOnlyList<string> Reads, bool ReadsInput, string? View, IReadOnlyList<string> References)
{
    public TimeSpan Timeout { get; init; }
    public int MostTasks { get; init; } = 20;
    public bool IsResult => View is not null;

    /// <summary>Steps that gather its items: it writes which group each of them belongs to.</summary>
    public IReadOnlyList<string> Gathers { get; init; } = [];

    /// <summary>ARN of the ECR repository that holds the image; null where tasks pull from elsewhere.</summary>
    public string? Repository { get; init; }
}

/// <summary>What one task holds: vCPUs, memory and disk in bytes, GPUs, shared memory in bytes.</summary>
public readonly record struct TaskSize(double Cpu, long Memory, long Disk, int Gpu, long SharedMemory);

/// <summary>Where a step's tasks run.</summary>
public enum CapacityKind { Fargate, Machines }

/// <param name="InstanceTypes">For machines: those that fit, cheapest first.</param>
/// <param name="Spot">True to take spare capacity first, which may be taken back, and on-demand capacity where there is none.</param>
public sealed record StepCapacity(CapacityKind Kind, IReadOnlyList<string> InstanceTypes, bool Spot);

/// <summary>A bucket to be made (name null), or the user's own, of which only a prefix is used.</summary>
public sealed record BucketChoice(string? Existing, string Prefix);

/// <summary>An object in the staging bucket, in whose name account and region may be left to CloudFormation.</summary>
public sealed record AssetPlace(string Bucket, string Key);

/// <summary>Subnets and security groups that exist, and whether tasks there get public addresses.</summary>
public sealed record OwnNetwork(IReadOnlyList<string> Subnets, IReadOnlyList<string> SecurityGroups, bool PublicAddresses);
