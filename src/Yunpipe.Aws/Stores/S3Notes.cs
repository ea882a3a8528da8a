using System.Runtime.CompilerServices;
using Yunpipe.Stores;

namespace Yunpipe.Aws.Stores;

/// <summary>Notes as objects of the work bucket; their tag is the ETag, so that equal content has equal tags.</summary>
public sealed class S3Notes(S3Bucket bucket, string root) : Notes
{
    public override async ValueTask<Note?> Read(string name, CancellationToken cancel) =>
        await bucket.Get(root + name, cancel) is { } found ? new Note(found.Bytes, found.ETag) : null;

    public override async ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancel) => await bucket.Put(root + name, content.ToArray(), cancel);

    public override async ValueTask<string?> Write(string name, ReadOnlyMemory<byte> content, string? expected, CancellationToken cancel) =>
        expected is null ? await bucket.PutIfAbsent(root + name, content.ToArray(), cancel) : await bucket.PutIfUnchanged(root + name, content.ToArray(), expected, cancel);

    public override async ValueTask Delete(string name, CancellationToken cancel) => await bucket.Delete(root + name, cancel);

    public override async IAsyncEnumerable<string> List(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var found in bucket.List(root + prefix, cancel, after is null ? null : root + after)) yield return found.Key[root.Length..];
    }
}
