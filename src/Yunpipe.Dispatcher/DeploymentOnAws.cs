using System.Runtime.CompilerServices;
using System.Text;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Queues;
using Yunpipe.Aws.Stores;
using Yunpipe.Deployments;
using Yunpipe.Dispatch;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Work;

namespace Yunpipe.Dispatcher;

/// <summary>A deployment as the dispatcher reaches it: records and notes, input, queues.</summary>
internal sealed class DeploymentOnAws
{
    private readonly Dictionary<string, SqsQueue> _queues;
    private readonly S3Bucket _input;

    private DeploymentOnAws(AwsConnection connection, DeployedWorkflow workflow, string scratch, TimeProvider time)
    {
        Workflow = workflow;
        var deployment = workflow.Deployment;
        var s3 = connection.S3();
        var work = new S3Bucket(s3, deployment.Store.Bucket);
        var results = deployment.Results ?? new BucketPlace(deployment.Store.Bucket, deployment.Store.Prefix + "results/");
        Layout = S3Layout.Deployment(deployment.Store.Prefix);
        Transfer = new S3Transfer(new S3Limits());
        // The dispatcher commits nothing, so it enters nothing into the workers' index of groups.
        Store = new S3Store(new S3StoreSettings(work, Layout, new S3Bucket(s3, results.Bucket), results.Prefix,
            step => workflow.Plan.Steps.Any(other => other.Name == step && other.Readers.Count == 0), (_, _, _) => []), Transfer);
        Notes = new S3Notes(work, deployment.Store.Prefix);
        Work = work;
        _input = new S3Bucket(s3, deployment.Input.Bucket, deployment.Input.RequesterPays);
        Location = new S3Location(_input, deployment.Input.Prefix, Transfer);
        Input = new InputListing(List, Stat, Read);
        Table = deployment.Table is null ? null : () => new StreamReader(Path.Combine(scratch, DeployedWorkflow.TableName));
        var sqs = connection.Sqs();
        _queues = deployment.Steps.ToDictionary(step => step.Name, step => new SqsQueue(sqs,
            new SqsSettings(step.Queue, TimeSpan.FromSeconds(step.LeaseSeconds), new LargeMessages(work, Layout), _ => { }), time), StringComparer.Ordinal);
    }

    public DeployedWorkflow Workflow { get; }
    public S3Layout Layout { get; }
    public S3Transfer Transfer { get; }
    public S3Store Store { get; }
    public S3Notes Notes { get; }
    public S3Bucket Work { get; }
    public S3Location Location { get; }
    public InputListing Input { get; }
    public Func<TextReader>? Table { get; }

    /// <param name="place"><c>s3://bucket/prefix/_yunpipe/deployment.json</c>.</param>
    public static async Task<Reading<DeploymentOnAws>> Open(AwsConnection connection, string place, string scratch, TimeProvider time, CancellationToken cancel)
    {
        var address = S3Address.Read(place);
        if (address.Value is not { Address: var at }) return new(null, address.Problems);
        var key = at.Prefix.TrimEnd('/');
        if (await new S3Bucket(connection.S3(), at.Bucket).Get(key, cancel) is not { } document)
            return new(null, [new Problem("YP6110", $"There is no deployment document at s3://{at.Bucket}/{key}.", null, "Deploy the workflow again.")]);
        Directory.CreateDirectory(scratch);
        var read = DeployedWorkflow.Read(document.Bytes, scratch, new NoLauncher());
        return read.Value is { } workflow ? new(new DeploymentOnAws(connection, workflow, scratch, time), []) : new(null, read.Problems);
    }

    public Task Send(StepProgram step, IReadOnlyList<Job> jobs, CancellationToken cancel) => _queues[step.Name].Enqueue(jobs, cancel);

    /// <summary>How many messages each queue holds; approximate, as SQS counts.</summary>
    public async Task<IReadOnlyDictionary<string, Depth>> Depths(CancellationToken cancel)
    {
        var depths = new Dictionary<string, Depth>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(_queues, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel }, async (queue, stop) =>
        {
            var (waiting, held) = await queue.Value.Count(stop);
            lock (depths) depths[queue.Key] = new Depth(waiting, held);
        });
        return depths;
    }

    /// <summary>Memory in MiB that open jobs of a step ask for which ran out of it: by their attempts, of which there are records while a job is open.</summary>
    public async Task<IReadOnlyList<int>> Large(string step, CancellationToken cancel)
    {
        const int Most = 20;
        var prefix = Layout.Attempts(step, "").TrimEnd('/') + "/";
        var jobs = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var found in Work.List(prefix, cancel))
            if (found.Key[prefix.Length..].Split('/')[0] is { Length: > 0 } job && jobs.Add(job) && jobs.Count >= Most) break;
        var algorithm = Workflow.Plan.Steps.First(own => own.Name == step).Algorithm;
        var needs = new List<int>();
        foreach (var job in jobs)
            if (Stores.JobId.TryParse(job, out var id) && await Store.FindFailure(step, id, cancel) is null
                && (await Store.Attempts(step, id, cancel)) is [.., { Cause: Stores.Cause.OutOfMemory, MemoryLimit: { } had }])
                needs.Add((int)((long)(had * algorithm.Retry.MemoryGrowth) >> 20));
        return needs;
    }

    private async IAsyncEnumerable<InputFile> List(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var root = Location.Prefix;
        await foreach (var found in _input.List(root + prefix, cancel, after is null ? null : root + after))
        {
            // An empty object called as a folder is how consoles show one.
            if (found.Key.EndsWith('/') && found.Size == 0 || found.Key.Length == root.Length) continue;
            yield return new InputFile(new SourceFile(found.Key[root.Length..], found.Size, found.ETag), found.Changed.ToUnixTimeMilliseconds());
        }
    }

    private async ValueTask<InputFile?> Stat(string path, bool directories, CancellationToken cancel) =>
        await Location.Look(path, directories, cancel) is var (file, changed) ? new InputFile(file, changed.ToUnixTimeMilliseconds()) : null;

    private async ValueTask<string?> Read(string path, CancellationToken cancel) =>
        await _input.Get(Location.Prefix + path, cancel) is { } found ? Encoding.UTF8.GetString(found.Bytes) : null;
}
