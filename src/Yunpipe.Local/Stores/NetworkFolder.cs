namespace Yunpipe.Local.Stores;

/// <summary>Which folders lie on a file system that several machines share. There a file cannot be shared as memory between processes, as SQLite's faster journal needs.</summary>
internal static class NetworkFolder
{
    /// <summary>File systems that .NET does not count as network drives, and what stands for a remote one in user space.</summary>
    private static readonly string[] Further = ["fuse", "v9fs", "9p", "lustre", "gpfs", "ceph", "beegfs", "panfs", "acfs"];

    public static bool Holds(string folder)
    {
        var drive = new DriveInfo(Path.GetFullPath(folder));
        try
        {
            return drive.DriveType == DriveType.Network || Further.Any(name => drive.DriveFormat.StartsWith(name, StringComparison.OrdinalIgnoreCase) && !drive.DriveFormat.Equals("fuseblk", StringComparison.OrdinalIgnoreCase));
        }
        catch (IOException)
        {
            return false; // What cannot be told is taken for a disk, as it mostly is.
        }
    }
}
