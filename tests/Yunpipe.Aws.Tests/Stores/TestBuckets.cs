using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Stores;
using Yunpipe.Items;

namespace Yunpipe.Aws.Tests.Stores;

/// <summary>A work bucket and a results bucket of one test, at whatever endpoint.</summary>
internal sealed class TestBuckets : IAsyncDisposable
{
    private readonly S3Transfer _transfer;

    private TestBuckets(AwsConnection connection, string name, S3Limits limits)
    {
        Connection = connection;
        _transfer = new S3Transfer(limits);
        Work = new S3Bucket(connection.S3(), name + "-work");
        Results = new S3Bucket(connection.S3(), name + "-results");
    }

    public AwsConnection Connection { get; }
    public S3Bucket Work { get; }
    public S3Bucket Results { get; }
    public S3Transfer Transfer => _transfer;
    public S3Layout Layout { get; } = S3Layout.Deployment("");

    public static async Task<TestBuckets> Make(AwsConnection connection, S3Limits? limits = null)
    {
        var buckets = new TestBuckets(connection, $"yunpipe-{Guid.NewGuid():N}"[..30], limits ?? new S3Limits());
        foreach (var bucket in (S3Bucket[])[buckets.Work, buckets.Results]) await bucket.Client.PutBucketAsync(new Amazon.S3.Model.PutBucketRequest { BucketName = bucket.Name });
        return buckets;
    }

    /// <summary>A store in which every step has a view, and whose items are gathered by plate.</summary>
    public S3Store Store(Func<string, bool>? isResult = null) => new(new S3StoreSettings(Work, Layout, Results, "", isResult ?? (_ => true),
        (step, meta, origin) => meta.TryGetValue("plate", out var plate) && step == "grouped" ? [("table", plate)] : []), _transfer);

    public string? Viewed(string path) => Results.Get(path, default).GetAwaiter().GetResult() is { } found ? System.Text.Encoding.UTF8.GetString(found.Bytes) : null;

    public S3Location Location(string prefix = "") => new(Work, prefix, _transfer);

    public static ItemFile File(SourceFile file) => new(Place.Input, file.Path, file.Version, file.Size, file.IsDirectory);

    public ValueTask DisposeAsync()
    {
        Connection.Dispose();
        _transfer.Dispose();
        return ValueTask.CompletedTask;
    }
}
