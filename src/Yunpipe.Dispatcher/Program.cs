using System.Collections;
using Microsoft.Win32.SafeHandles;
using Yunpipe.Aws.Connection;
using Yunpipe.Dispatcher;

// The dispatcher of a deployment. It runs as long as Lambda keeps it, one call after the other.
var environment = new Dictionary<string, string>(StringComparer.Ordinal);
foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) environment[(string)entry.Key] = (string?)entry.Value ?? "";
using var output = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, 0);
if (environment.GetValueOrDefault("AWS_LAMBDA_RUNTIME_API") is not { Length: > 0 })
{
    new DispatchLog(output, TimeProvider.System, "").Tell("error", "This is the dispatcher of a deployment, which AWS Lambda starts; by itself it does nothing.");
    return 2;
}
using var connection = new AwsConnection(environment);
return await Composition.Loop(environment, connection, TimeProvider.System, output, environment.GetValueOrDefault("TMPDIR") ?? "/tmp").Run(CancellationToken.None);
