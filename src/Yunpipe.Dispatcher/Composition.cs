using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Connection;
using Yunpipe.Dispatch;

namespace Yunpipe.Dispatcher;

/// <summary>Puts the dispatcher together, from the environment that Lambda gives it.</summary>
internal static class Composition
{
    /// <param name="temporary">A folder of this process's own.</param>
    public static DispatchLoop Loop(IReadOnlyDictionary<string, string> environment, AwsConnection connection, TimeProvider time, Stream output, string temporary)
    {
        var self = Guid.NewGuid().ToString("N")[..8];
        var log = new DispatchLog(output, time, "");
        var runtime = new LambdaRuntime(new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan }, environment["AWS_LAMBDA_RUNTIME_API"]);
        return new DispatchLoop(runtime, Open, time, log);

        async Task<(Handler? Handler, string? Flaw)> Open(CancellationToken cancel)
        {
            if (environment.GetValueOrDefault("YUNPIPE_DEPLOYMENT") is not { Length: > 0 } place) return (null, "YUNPIPE_DEPLOYMENT does not say where the deployment's document is.");
            var opened = await DeploymentOnAws.Open(connection, place, Path.Combine(temporary, "yunpipe-" + self), time, cancel);
            if (opened.Value is not { } deployment) return (null, string.Join(" ", opened.Problems));
            var described = deployment.Workflow.Deployment;
            log.Deployment = described.Name;
            // Pauses between calls pass on the system's clock, whatever the time is thought to be.
            var calls = connection.Calls(TimeProvider.System, new Random());
            var dispatcher = new Dispatch.Dispatcher(new DispatcherParts(deployment.Workflow, deployment.Store, deployment.Notes, deployment.Input, deployment.Send, time, self, deployment.Table) 
            {
                Settled = deployment.Settled, Tell = environment.GetValueOrDefault("YUNPIPE_NOTICES") is { Length: > 0 } topic ? new SnsCalls(calls, topic).Publish : null,
            });
            var fleet = described.Cluster is { } cluster ? new FleetRound(described, new EcsCalls(calls, cluster.Name), deployment.Notes, time, self, log) : null;
            return (new Handler(deployment, dispatcher, fleet, time, log), null);
        }
    }
}
