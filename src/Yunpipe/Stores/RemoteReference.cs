namespace Yunpipe.Stores;

/// <summary>Reference data that lies elsewhere, as it is now: what is known of it before it is brought here.</summary>
/// <param name="Source">The service and the place there: the same words for the same data.</param>
/// <param name="Name">Of the file or folder, as an algorithm sees it.</param>
/// <param name="Version">Another one where the content is another; what the service says without giving the bytes.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Fetch">Brings it to a path that is not there yet, and tells of bytes that came; false where it is not there in this version any more.</param>
public sealed record RemoteReference(string Source, string Name, bool IsDirectory, string Version, long Size, Func<string, Action<long>, CancellationToken, Task<bool>> Fetch);
