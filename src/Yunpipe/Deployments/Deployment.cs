using System.Text.Json;
using System.Text.Json.Serialization;

namespace Yunpipe.Deployments;

/// <summary>What stands on AWS, as one document beside the records: written when a workflow is deployed, read by the dispatcher and by every worker
/// (docs/spec/deployment.md). It repeats all that was found out once, so that every reader makes the same jobs under the same ids. Lengths of time are in seconds.</summary>
public sealed record Deployment
{
    /// <summary>Its name below the store's prefix.</summary>
    public const string ObjectName = "_yunpipe/deployment.json";

    public const int CurrentFormat = 1;

    public int Format { get; set; } = CurrentFormat;
    public required string Name { get; init; }

    /// <summary>The release of Yunpipe that wrote it.</summary>
    public required string Version { get; init; }

    /// <summary>Milliseconds since 1970, UTC.</summary>
    public long Made { get; set; }

    /// <summary>The workflow as a document; a table that it names is called <see cref="DeployedWorkflow.TableName"/> here.</summary>
    public required JsonElement Workflow { get; init; }

    /// <summary>The text of the input's table.</summary>
    public string? Table { get; set; }

    /// <summary>Each <c>step.variable=value</c>, over what the workflow says.</summary>
    public IReadOnlyList<string> Settings { get; set; } = [];

    /// <summary>Descriptors by what the workflow calls them.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Algorithms { get; init; }
    public required BucketPlace Input { get; init; }

    /// <summary>Records and outputs.</summary>
    public required BucketPlace Store { get; init; }

    /// <summary>Where the results of last steps appear; null for below <c>results/</c> of the store.</summary>
    public BucketPlace? Results { get; set; }

    /// <summary>In the order of the plan.</summary>
    public required IReadOnlyList<DeployedStep> Steps { get; init; }

    /// <summary>Where tasks are started; null where only workers of one's own drain the queues.</summary>
    public DeployedCluster? Cluster { get; set; }

    /// <summary>Name or ARN of the function that sends jobs; null where nobody can ask it for anything.</summary>
    public string? Dispatcher { get; set; }
    public DeployedLimits Limits { get; set; } = new();

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DeploymentJson.Default.Deployment);
}

/// <summary>A bucket, or a part of it. A prefix is empty or ends with a slash.</summary>
public sealed record BucketPlace(string Bucket, string Prefix = "", string? Region = null, bool RequesterPays = false);

/// <summary>A step with all that was found out about it.</summary>
public sealed record DeployedStep
{
    public required string Name { get; init; }

    /// <summary>The algorithm's identity (docs/spec/identity.md).</summary>
    public required string Identity { get; init; }

    /// <summary>What entered the identity for the program: the image's layers and configuration.</summary>
    public required string Program { get; init; }

    /// <summary>The image by digest, as the task definition names it.</summary>
    public string? Image { get; set; }

    /// <summary>The URL of the step's queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Values of every job; reference data by its digest.</summary>
    public IReadOnlyDictionary<string, DeployedValue> Variables { get; set; } = new Dictionary<string, DeployedValue>();

    /// <summary>The matrix multiplied out; empty for a step without one.</summary>
    public IReadOnlyList<DeployedVariant> Variants { get; set; } = [];

    /// <summary>Reference data: digest to its place (<c>s3://bucket/key</c>; a key that ends with a slash is a directory).</summary>
    public IReadOnlyDictionary<string, string> References { get; set; } = new Dictionary<string, string>();

    /// <summary>What one job may use. Memory and shared memory in bytes.</summary>
    public double Cpu { get; set; } = 1;
    public long Memory { get; set; }
    public int Gpu { get; set; }
    public int Pids { get; set; } = 4096;
    public long SharedMemory { get; set; }

    /// <summary>How long a received message stays with its worker before it must be renewed.</summary>
    public int LeaseSeconds { get; set; } = 300;

    /// <summary>How it is started on ECS; null where the deployment has no cluster.</summary>
    public DeployedTask? Task { get; set; }

    /// <summary>Name of the log group that its tasks write to; null where they write to none.</summary>
    public string? Logs { get; set; }
}

/// <summary>A value of a variable: one text, or a list.</summary>
public sealed record DeployedValue(IReadOnlyList<string> Items, bool IsList = false);

/// <summary>One combination of the matrix: values by variable, and the metadata that they become, in order.</summary>
public sealed record DeployedVariant(IReadOnlyDictionary<string, DeployedValue> Values, IReadOnlyList<DeployedAxis> Meta);

public sealed record DeployedAxis(string Name, string Value);

/// <summary>An ECS task of a step.</summary>
/// <param name="Definition">Family and revision, or ARN.</param>
/// <param name="Container">The container that retries with more memory override.</param>
/// <param name="Capacity">Capacity providers, the preferred first; the next is asked when one has no room. <c>FARGATE</c>, <c>FARGATE_SPOT</c>, or an own one.</param>
/// <param name="CpuUnits">1,024 are one processor.</param>
/// <param name="MemoryMiB">Of the whole task.</param>
/// <param name="MostMemoryMiB">The most that a retry may ask for.</param>
/// <param name="Jobs">How many jobs one task runs side by side.</param>
/// <param name="MostTasks">Of this step at once.</param>
public sealed record DeployedTask(
    string Definition, string Container, IReadOnlyList<string> Capacity, int CpuUnits, int MemoryMiB, int MostMemoryMiB, int Jobs = 1, int MostTasks = 20);

/// <summary>Where tasks run. Subnets are empty for tasks in bridge mode.</summary>
public sealed record DeployedCluster(string Name, IReadOnlyList<string> Subnets, IReadOnlyList<string> SecurityGroups, bool PublicAddress = true);

/// <summary>What holds for the whole deployment.</summary>
public sealed record DeployedLimits
{
    /// <summary>Tasks of all steps at once.</summary>
    public int Tasks { get; set; } = 20;

    /// <summary>How long a group, or a directory-style image, must be left alone before it counts as whole.</summary>
    public int QuietSeconds { get; set; } = 300;

    /// <summary>How long a task, or an instance, may have nothing to do before it is ended.</summary>
    public int IdleSeconds { get; set; } = 120;

    /// <summary>How long a task may take to come up before it counts as stuck.</summary>
    public int StartSeconds { get; set; } = 600;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(Deployment))]
public sealed partial class DeploymentJson : JsonSerializerContext;
