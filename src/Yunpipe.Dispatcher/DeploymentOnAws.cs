using System.Runtime.CompilerServices;
using System.Text;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Queues;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Work;
using Yunpipe.Deployments;
using Yunpipe.Dispatch;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Work;

namespace Yunpipe.Dispatcher;

/// <summary>A deployment as the dispatcher reaches it: records and notes, input, queues.</summary>
internal sealed class DeploymentOnAws
{
    private readonly DeploymentParts _parts;
    private readonly Dictionary<string, SqsQueue> _queues;

    private DeploymentOnAws(DeploymentParts parts, string scratch, TimeProvider time)
    {
        _parts = parts;
        Notes = new S3Notes(parts.Work, Workflow.Deployment.Store.Prefix);
        Input = new InputListing(List, Stat, Read);
        Table = Workflow.Deployment.Table is null ? null : () => new StreamReader(Path.Combine(scratch, DeployedWorkflow.TableName));
        _queues = Workflow.Deployment.Steps.ToDictionary(step => step.Name, step => parts.QueueOf(step.Name, time, _ => { }), StringComparer.Ordinal);
    }

    public DeployedWorkflow Workflow => _parts.Workflow;
    public S3Store Store => _parts.Store;
    public S3Notes Notes { get; }
    public InputListing Input { get; }
    public Func<TextReader>? Table { get; }

    /// <param name="place"><c>s3://bucket/prefix/_yunpipe/deployment.json</c>.</param>
    public static async Task<Reading<DeploymentOnAws>> Open(AwsConnection connection, string place, string scratch, TimeProvider time, CancellationToken cancel)
    {
        var opened = await DeploymentParts.Open(connection, place, scratch, new NoLauncher(), cancel);
        return opened.Value is { } parts ? new(new DeploymentOnAws(parts, scratch, time), []) : new(null, opened.Problems);
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
        var prefix = _parts.Layout.Attempts(step, "").TrimEnd('/') + "/";
        var jobs = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var found in _parts.Work.List(prefix, cancel))
            if (found.Key[prefix.Length..].Split('/')[0] is { Length: > 0 } job && jobs.Add(job) && jobs.Count >= Most) break;
        var algorithm = Workflow.Plan.Steps.First(own => own.Name == step).Algorithm;
        var needs = new List<int>();
        foreach (var job in jobs)
            if (Stores.JobId.TryParse(job, out var id) && await Store.FindFailure(step, id, cancel) is null
                && (await Store.Attempts(step, id, cancel)) is [.., { Cause: Stores.Cause.OutOfMemory, MemoryLimit: { } had }])
                needs.Add((int)((long)(had * algorithm.Retry.MemoryGrowth) >> 20));
        return needs;
    }

    /// <summary>Jobs that have a manifest, or a failure record, by the names of these.</summary>
    public async Task<IReadOnlySet<string>?> Settled(string step, bool failures, int most, CancellationToken cancel)
    {
        var prefix = failures ? _parts.Layout.Failures(step) : _parts.Layout.Manifests(step);
        var jobs = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var found in _parts.Work.List(prefix, cancel))
            if (jobs.Count >= most) return null;
            else if (found.Key.EndsWith(".json", StringComparison.Ordinal)) jobs.Add(found.Key[prefix.Length..^".json".Length]);
        return jobs;
    }

    private async IAsyncEnumerable<InputFile> List(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var root = _parts.Input.Prefix;
        await foreach (var found in _parts.Input.Bucket.List(root + prefix, cancel, after is null ? null : root + after))
        {
            // An empty object called as a folder is how consoles show one.
            if (found.Key.EndsWith('/') && found.Size == 0 || found.Key.Length == root.Length) continue;
            yield return new InputFile(new SourceFile(found.Key[root.Length..], found.Size, found.ETag), found.Changed.ToUnixTimeMilliseconds());
        }
    }

    private async ValueTask<InputFile?> Stat(string path, bool directories, CancellationToken cancel) =>
        await _parts.Input.Look(path, directories, cancel) is var (file, changed) ? new InputFile(file, changed.ToUnixTimeMilliseconds()) : null;

    private async ValueTask<string?> Read(string path, CancellationToken cancel) =>
        await _parts.Input.Bucket.Get(_parts.Input.Prefix + path, cancel) is { } found ? Encoding.UTF8.GetString(found.Bytes) : null;
}
