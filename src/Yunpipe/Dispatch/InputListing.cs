using Yunpipe.Items;

namespace Yunpipe.Dispatch;

/// <summary>A file of the input and when it was written, in milliseconds since 1970 by the store's clock.</summary>
public readonly record struct InputFile(SourceFile File, long Time);

/// <summary>How a dispatcher looks at the input: never at all of it at once.</summary>
/// <param name="List">Files below a prefix, from behind a name, in ordinal order; directory-style images come file by file.</param>
/// <param name="Stat">What is at a path now; for a directory-style image one entry, whose version changes with any file in it. Null for nothing.</param>
/// <param name="Read">The text of a small file; null where it is not there.</param>
public sealed record InputListing(
    Func<string, string?, CancellationToken, IAsyncEnumerable<InputFile>> List, Func<string, bool, CancellationToken, ValueTask<InputFile?>> Stat, Func<string, CancellationToken, ValueTask<string?>> Read);
