namespace Yunpipe.Images.Files;

/// <summary>A temporary folder that does not outlive its process for long, however that ends. Its owner holds the lock of a file beside the folder, which the
/// kernel lets go when the owner dies; whoever makes the next such folder takes away those whose lock is free. The number of a process would be believed
/// too long, since numbers are given again.
/// <code>
/// file     lock    then the owner
/// absent   –       has ended, or not begun
/// there    held    lives
/// there    free    was killed: folder and file are taken away, by whoever gets the lock
/// </code></summary>
public sealed class OwnedFolder : IDisposable
{
    private const string Ending = ".owner";

    private readonly FileStream _owner;

    private OwnedFolder(string root, FileStream owner) => (Root, _owner) = (root, owner);

    public string Root { get; }

    /// <summary>Makes a folder that only this user can read. What cannot be made is an <see cref="ImageException"/>.</summary>
    /// <param name="purpose">A word of its name, for people who find it.</param>
    public static OwnedFolder Make(string purpose)
    {
        Clear();
        while (true)
        {
            var root = Path.Combine(Path.GetTempPath(), $"yunpipe-{purpose}-{Guid.NewGuid():N}");
            try
            {
                if (Take(root + Ending, FileMode.CreateNew) is not { } owner) continue;
                // Somebody who clears may have come between its making and its lock.
                if (!File.Exists(root + Ending))
                {
                    owner.Dispose();
                    continue;
                }
                var folder = new OwnedFolder(root, owner);
                if (OperatingSystem.IsWindows()) Directory.CreateDirectory(root);
                else Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                return folder;
            }
            catch (Exception error) when (DiskTrouble.Is(error))
            {
                throw DiskTrouble.Writing(root, error);
            }
        }
    }

    /// <summary>Takes away what processes left that were killed.</summary>
    public static void Clear()
    {
        try
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetTempPath(), "yunpipe-*" + Ending))
                if (!TryClear(file)) return;
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            // Whoever needs the folder for temporary files will say what is wrong with it.
        }
    }

    public void Dispose()
    {
        try
        {
            if (Directory.Exists(Root)) Directory.Delete(Root, recursive: true);
            File.Delete(Root + Ending);
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            // Something still writes there; without the lock it is taken away by the next.
        }
        _owner.Dispose();
    }

    /// <summary>False where locks mean nothing, as on some network disks: then nothing can be known to be left behind.</summary>
    private static bool TryClear(string file)
    {
        try
        {
            using var owner = Take(file, FileMode.Open);
            if (owner is null) return true;
            using (var second = Take(file, FileMode.Open))
                if (second is not null) return false;
            var root = new DirectoryInfo(file[..^Ending.Length]);
            // Somebody else's link must not lead anywhere.
            if (root is { Exists: true, LinkTarget: null }) root.Delete(recursive: true);
            File.Delete(file);
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            // Another user's, or taken away by another process just now.
        }
        return true;
    }

    /// <summary>Null where another process holds it.</summary>
    private static FileStream? Take(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException error) when (FileTurn.IsHeld(error))
        {
            return null;
        }
    }
}
