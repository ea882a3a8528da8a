namespace Yunpipe.Agent;

/// <summary>What a job leaves in the container's shared memory counts against the memory of the next one, and no process is left to want it.</summary>
internal static class SharedMemory
{
    private const string Place = "/dev/shm";

    /// <summary>Only for an agent that is a container's first process: elsewhere shared memory belongs to everybody.</summary>
    public static void Clear()
    {
        try
        {
            foreach (var entry in new DirectoryInfo(Place).EnumerateFileSystemInfos())
                if (entry is DirectoryInfo { LinkTarget: null } folder) folder.Delete(recursive: true);
                else entry.Delete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // There is none, or the image put something there that is not ours: it then stays for all jobs alike.
        }
    }
}
