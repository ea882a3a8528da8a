using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Queues;
using Yunpipe.Aws.Stores;
using Yunpipe.Deployments;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Work;

namespace Yunpipe.Aws.Work;

/// <summary>What a deployment's workers work with, put together from its document: input, store, queues, reference data.</summary>
public sealed class DeploymentParts : IAsyncDisposable
{
    private readonly AwsConnection _connection;

    private DeploymentParts(AwsConnection connection, DeployedWorkflow workflow, S3Transfer transfer)
    {
        (_connection, Workflow, Transfer) = (connection, workflow, transfer);
        var deployment = workflow.Deployment;
        var work = new S3Bucket(connection.S3(), deployment.Store.Bucket);
        var results = deployment.Results ?? new BucketPlace(deployment.Store.Bucket, deployment.Store.Prefix + "results/");
        Layout = S3Layout.Deployment(deployment.Store.Prefix);
        Work = work;
        Store = new S3Store(new S3StoreSettings(work, Layout, new S3Bucket(connection.S3(), results.Bucket), results.Prefix,
            step => workflow.Plan.Steps.Any(other => other.Name == step && other.Readers.Count == 0), GroupsOf), transfer);
        Input = new S3Location(new S3Bucket(connection.S3(), deployment.Input.Bucket, deployment.Input.RequesterPays), deployment.Input.Prefix, transfer);
    }

    public DeployedWorkflow Workflow { get; }
    public S3Bucket Work { get; }
    public S3Layout Layout { get; }
    public S3Store Store { get; }
    public S3Location Input { get; }
    public S3Transfer Transfer { get; }

    /// <summary>Reads a deployment's document.</summary>
    /// <param name="place"><c>s3://bucket/prefix/_yunpipe/deployment.json</c>, or the prefix alone.</param>
    /// <param name="scratch">An own folder on this machine.</param>
    public static async Task<Reading<DeploymentParts>> Open(AwsConnection connection, string place, string scratch, ILauncher launcher, CancellationToken cancel)
    {
        var whole = place.EndsWith(".json", StringComparison.Ordinal);
        var address = S3Address.Read(place);
        if (address.Value is not { Address: var at }) return new(null, address.Problems);
        var bucket = new S3Bucket(connection.S3(), at.Bucket);
        var key = whole ? at.Prefix.TrimEnd('/') : at.Prefix + Deployment.ObjectName;
        if (await bucket.Get(key, cancel) is not { } document)
            return new(null, [new Problem("YP6010", $"There is no deployment at s3://{at.Bucket}/{key}.", null, "Name the place of a deployment's records, as “yunpipe deploy” told it.")]);
        Directory.CreateDirectory(scratch);
        var read = DeployedWorkflow.Read(document.Bytes, scratch, launcher);
        return read.Value is { } workflow && read.Problems.Count == 0 ? new(new DeploymentParts(connection, workflow, new S3Transfer(new S3Limits())), []) : new(null, read.Problems);
    }

    /// <summary>Whether a step still computes what it did when the deployment was opened.</summary>
    public async Task<bool> StillStands(StepProgram step, CancellationToken cancel) =>
        await Work.Get(Workflow.Deployment.Store.Prefix + Deployment.ObjectName, cancel) is { } document
            && System.Text.Json.JsonSerializer.Deserialize(document.Bytes, DeploymentJson.Default.Deployment)?.Steps.FirstOrDefault(other => other.Name == step.Name)?.Identity == step.Identity.ToString();

    public SqsQueue QueueOf(string step, TimeProvider time, Action<string> refused, string? url = null)
    {
        var deployed = Workflow.StepOf(step);
        return new SqsQueue(_connection.Sqs(), new SqsSettings(url ?? deployed.Queue, TimeSpan.FromSeconds(deployed.LeaseSeconds), new LargeMessages(Work, Layout), refused), time);
    }

    /// <summary>A step whose reference data lies on this machine: fetched once, however many jobs read it.</summary>
    public async Task<StepProgram> WithReferences(StepProgram step, string folder, CancellationToken cancel)
    {
        if (step.References.Count == 0) return step;
        var here = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (digest, place) in step.References) here[digest] = step.Launcher.Seen(await Fetch(place, Path.Combine(folder, digest[(digest.IndexOf(':') + 1)..][..16]), cancel));
        return step with { References = here };
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Transfer.Dispose();
    }

    private async Task<string> Fetch(string place, string folder, CancellationToken cancel)
    {
        var looked = await S3Reference.Look(name => new S3Bucket(_connection.S3(), name), "", place, place.EndsWith('/'), Transfer, cancel);
        var target = Path.Combine(folder, looked.Value?.Name ?? "");
        if (looked.Value is not { } found || !await found.Fetch(target, _ => { }, cancel)) throw new YunpipeException(new Problem("YP6011", $"The reference data {place} is not there.", null, "Deploy the workflow again."));
        return target;
    }

    private IEnumerable<(string Step, string Group)> GroupsOf(string step, IReadOnlyDictionary<string, string> meta, string origin)
    {
        foreach (var reader in Workflow.Plan.Steps)
            if (reader.Step.Gather is { } gather && reader.Inputs.Any(input => input.From?.Name == step) && DerivedKey.OfGroup(gather.By, meta, origin) is { } group)
                yield return (reader.Name, group);
    }
}
