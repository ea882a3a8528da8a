using System.Collections;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Connection;
using Yunpipe.Dispatch;
using Yunpipe.Dispatcher;

// The composition root of the dispatcher. It runs as long as Lambda keeps it, one call after the other.
var environment = new Dictionary<string, string>(StringComparer.Ordinal);
foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) environment[(string)entry.Key] = (string?)entry.Value ?? "";

var time = TimeProvider.System;
var self = Guid.NewGuid().ToString("N")[..8];
var log = new DispatchLog(new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(1, ownsHandle: false), FileAccess.Write, 1), time, "");
if (environment.GetValueOrDefault("AWS_LAMBDA_RUNTIME_API") is not { Length: > 0 } api)
{
    log.Tell("error", "This is the dispatcher of a deployment, which AWS Lambda starts; by itself it does nothing.");
    return 2;
}
using var runtime = new LambdaRuntime(new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan }, api);
using var connection = new AwsConnection(environment);
return await new DispatchLoop(runtime, Open, time, log).Run(CancellationToken.None);

async Task<(Handler? Handler, string? Flaw)> Open(CancellationToken cancel)
{
    if (environment.GetValueOrDefault("YUNPIPE_DEPLOYMENT") is not { Length: > 0 } place) return (null, "YUNPIPE_DEPLOYMENT does not say where the deployment's document is.");
    var scratch = Path.Combine(environment.GetValueOrDefault("TMPDIR") ?? "/tmp", "yunpipe-" + self);
    var opened = await DeploymentOnAws.Open(connection, place, scratch, time, cancel);
    if (opened.Value is not { } deployment) return (null, string.Join(" ", opened.Problems));
    var described = deployment.Workflow.Deployment;
    log.Deployment = described.Name;
    var dispatcher = new Dispatcher(new DispatcherParts(deployment.Workflow, deployment.Store, deployment.Notes, deployment.Input, deployment.Send, time, self, deployment.Table));
    var fleet = described.Cluster is { } cluster ? new FleetRound(described, new EcsCalls(connection.Calls(time, new Random()), cluster.Name), deployment.Notes, time, self, log) : null;
    return (new Handler(deployment, dispatcher, fleet, time, log), null);
}
