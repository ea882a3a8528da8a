using Yunpipe.Aws.Events;
using Yunpipe.Aws.Stores;
using Yunpipe.Deployments;
using Yunpipe.Dispatch;
using Yunpipe.Items;

namespace Yunpipe.Dispatcher;

/// <summary>What an object's event means to a deployment: an input, a record, or nothing.</summary>
internal static class StoreEvents
{
    public static StoreEvent? Of(Happening happening, Deployment deployment) => happening switch
    {
        Happening.Written written when written.Bucket == deployment.Store.Bucket && Record(written.Key, deployment) is { } recorded => recorded,
        Happening.Written written when InputPath(written.Bucket, written.Key, deployment) is { } path && !(written.Key.EndsWith('/') && written.Size == 0) =>
            new StoreEvent.InputWritten(new InputFile(new SourceFile(path, written.Size, written.ETag), written.Time), written.Sequencer),
        Happening.Removed removed when InputPath(removed.Bucket, removed.Key, deployment) is { } path => new StoreEvent.InputRemoved(path, removed.Sequencer),
        _ => null,
    };

    private static string? InputPath(string bucket, string key, Deployment deployment) =>
        bucket == deployment.Input.Bucket && key.Length > deployment.Input.Prefix.Length && key.StartsWith(deployment.Input.Prefix, StringComparison.Ordinal) ? key[deployment.Input.Prefix.Length..] : null;

    /// <summary><c>_yunpipe/manifests/&lt;step&gt;/&lt;job&gt;.json</c>, or the same of failures.</summary>
    private static StoreEvent.Recorded? Record(string key, Deployment deployment)
    {
        var layout = S3Layout.Deployment(deployment.Store.Prefix);
        foreach (var folder in (ReadOnlySpan<string>)[layout.Manifests(null), layout.Failures(null)])
            if (key.StartsWith(folder, StringComparison.Ordinal) && key.EndsWith(".json", StringComparison.Ordinal) && key[folder.Length..^".json".Length].Split('/') is [var step, var job]) return new StoreEvent.Recorded(step, job);
        return null;
    }
}
