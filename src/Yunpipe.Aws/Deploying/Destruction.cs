using Amazon.S3;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Stores;
using Yunpipe.Deployments;
using Yunpipe.Documents;

namespace Yunpipe.Aws.Deploying;

/// <summary>What is left of a deployment, wherever its making or its removing stopped.</summary>
/// <param name="Stack">Null where there is none any more.</param>
/// <param name="Buckets">That were made for it, by name, and whether each is empty.</param>
public sealed record Remains(StackDescription? Stack, IReadOnlyList<StackResource> Resources, IReadOnlyList<(string Name, bool Empty)> Buckets, bool Repository)
{
    public bool IsNothing => Stack is null && Buckets.Count == 0 && !Repository;
}

/// <summary>Removes a deployment in an order in which nothing starts anew and nothing is left that costs:
/// <code>
/// document → tasks → machines → stack → buckets → images → assets
/// </code>
/// Each step finds for itself what is still there, so that the same command goes on after whatever stopped it.</summary>
public sealed class Destruction(AwsCalls calls, StackCalls stacks, RegistryCalls registry, TagCalls tags, IAmazonS3 s3, StagingBucket staging, TimeProvider time, string name)
{
    private static readonly TimeSpan MostWait = TimeSpan.FromMinutes(10);

    public TimeSpan BetweenLooks { get; init; } = TimeSpan.FromSeconds(3);

    private string Stack => DeploymentNames.Stack(name);

    public async Task<Remains> Look(CancellationToken cancel)
    {
        var stack = await stacks.Describe(Stack, cancel) is { Status: not "DELETE_COMPLETE" } standing ? standing : null;
        var resources = stack is null ? [] : await stacks.Resources(Stack, cancel);
        var named = resources.Where(resource => resource.Type == "AWS::S3::Bucket").Select(resource => resource.PhysicalId)
            .Concat((await tags.Find(DeploymentNames.Tag, name, cancel)).Where(arn => arn.Split(':') is [_, _, "s3", ..]).Select(arn => arn[(arn.LastIndexOf(':') + 1)..]));
        var buckets = new List<(string, bool)>();
        foreach (var bucket in named.Where(bucket => bucket.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            if (await Buckets.Stands(s3, bucket, cancel)) buckets.Add((bucket, await Buckets.IsEmpty(s3, bucket, cancel)));
        return new Remains(stack, resources, buckets, (await registry.Find(DeploymentNames.Repository(name), cancel)).Contains(DeploymentNames.Repository(name)));
    }

    /// <param name="data">True to remove buckets with all that is in them; empty ones go in any case.</param>
    /// <param name="doing">Hears what is being done, how far it is, and of how much; 0 where nobody knows.</param>
    public async Task<Problem?> Run(Remains remains, bool data, Action<string, long, long> doing, CancellationToken cancel)
    {
        if (remains.Stack is { } stack)
        {
            if (stack.Outputs.TryGetValue("WorkBucket", out var work) && await Buckets.Stands(s3, work, cancel))
                // Without its document the dispatcher starts nothing.
                await new S3Bucket(s3, work).Delete(Deployment.ObjectName, cancel);
            await Empty(remains, doing, cancel);
            if (await new StackWork(stacks, time, Stack) { BetweenLooks = BetweenLooks }.Delete(progress => doing("removing the stack", progress.Done, progress.Total), cancel) is { } failed) return failed;
        }
        foreach (var (bucket, wasEmpty) in remains.Buckets)
            if ((data || wasEmpty || await IsEmpty(bucket, cancel)) && await Buckets.Stands(s3, bucket, cancel)) await Buckets.Remove(s3, bucket, gone => doing($"emptying {bucket}", gone, 0), cancel);
        if (remains.Repository) await registry.Remove(DeploymentNames.Repository(name), cancel);
        await staging.Forget(name, cancel);
        // The last deployment takes with it what they shared.
        if (!(await tags.Find(DeploymentNames.Tag, null, cancel)).Any(arn => arn.Split(':') is [_, _, "cloudformation", ..] && !arn.Contains($"stack/{Stack}/", StringComparison.Ordinal)) && await Buckets.Stands(s3, staging.Name, cancel))
            await Buckets.Remove(s3, staging.Name, _ => { }, cancel);
        return null;
    }

    private async Task<bool> IsEmpty(string bucket, CancellationToken cancel) => await Buckets.Stands(s3, bucket, cancel) && await Buckets.IsEmpty(s3, bucket, cancel);

    /// <summary>Stops tasks and ends machines: a cluster with either cannot be removed, and machines that protect themselves would stay.</summary>
    private async Task Empty(Remains remains, Action<string, long, long> doing, CancellationToken cancel)
    {
        if (remains.Resources.FirstOrDefault(resource => resource is { Type: "AWS::ECS::Cluster", PhysicalId.Length: > 0 } && resource.Status != "DELETE_COMPLETE") is not { } cluster) return;
        var ecs = new EcsCalls(calls, cluster.PhysicalId);
        var groups = remains.Resources.Where(resource => resource is { Type: "AWS::AutoScaling::AutoScalingGroup", PhysicalId.Length: > 0 } && resource.Status != "DELETE_COMPLETE").ToList();
        var begun = time.GetTimestamp();
        try
        {
            foreach (var group in groups) await ecs.DeleteGroup(group.PhysicalId, cancel);
            while (time.GetElapsedTime(begun) < MostWait)
            {
                var tasks = await ecs.Tasks(null, cancel);
                foreach (var task in tasks) await ecs.Stop(task.TaskArn, "The deployment is removed.", cancel);
                var machines = groups.Count > 0 ? (await ecs.Instances(cancel)).Count : 0;
                if (tasks.Count == 0 && machines == 0) return;
                doing("stopping tasks and machines", 0, tasks.Count + machines);
                await Task.Delay(BetweenLooks, time, cancel);
            }
        }
        catch (AwsRefusal refusal) when (refusal.Code is "ClusterNotFoundException")
        {
            // Removed by an earlier try.
        }
    }
}
