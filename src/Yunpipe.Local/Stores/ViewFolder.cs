using Yunpipe.Stores;

namespace Yunpipe.Local.Stores;

/// <summary>The readable tree: hard links to immutable outputs, so that it costs no space and can be made again at any time.</summary>
/// <param name="root">The output folder.</param>
/// <param name="jobs">Where outputs are kept.</param>
internal sealed class ViewFolder(string root, string jobs)
{
    public bool Has(string path) => Path.Exists(Path.Combine(root, path));

    public void Link(ViewEntry entry, Manifest manifest)
    {
        var source = Path.Combine(jobs, manifest.Step, manifest.HeldBy, entry.Output.Path);
        var target = Path.Combine(root, entry.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (entry.Output.IsDirectory) LinkDirectory(source, target);
        else LinkFile(source, target);
    }

    /// <summary>Removes files, each before the row that knows of it, so that no crash leaves a result that nobody knows of.</summary>
    /// <returns>What kept one from going; the others are gone.</returns>
    public Exception? RemoveAll(IEnumerable<string> paths, Action<string> removed)
    {
        Exception? blocked = null;
        foreach (var path in paths)
            try
            {
                Remove(path);
                removed(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                blocked = error;
            }
        return blocked;
    }

    private void Remove(string path)
    {
        var full = Path.Combine(root, path);
        if (Directory.Exists(full)) Directory.Delete(full, recursive: true);
        else File.Delete(full);
        for (var folder = Path.GetDirectoryName(full); folder is not null && folder.Length > root.Length && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any(); folder = Path.GetDirectoryName(folder))
            Directory.Delete(folder);
    }

    private static void LinkDirectory(string source, string target)
    {
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            LinkFile(file, to);
        }
    }

    /// <summary>Beside the target first, then over it: a reader sees the old bytes or the new, never none.</summary>
    private static void LinkFile(string source, string target)
    {
        if (HardLink.Make(source, target)) return;
        var beside = $"{Path.GetDirectoryName(target)}/.yunpipe-{Guid.NewGuid():N}";
        try
        {
            if (!HardLink.Make(source, beside)) File.Copy(source, beside);
            File.Move(beside, target, overwrite: true);
        }
        finally
        {
            // Where both are the same file already, as after a crash between link and record, a rename does nothing and leaves the other name.
            File.Delete(beside);
        }
    }
}
