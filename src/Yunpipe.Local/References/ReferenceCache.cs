using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.References;

/// <summary>Copies of reference data on this machine, for all runs of a user: fetched once for each version, read-only.
/// <code>
/// locks/KEY         held alone by whoever fetches, and by everybody who reads
/// KEY/data/NAME     the copy; KEY is made of source and version
/// KEY/whole.json    written last: what lies there without it was broken off, and is fetched again
/// </code>
/// A copy goes when a newer version of the same source comes, and when nobody has used it for a month; never while it is read.</summary>
/// <param name="root">A folder of this machine.</param>
/// <param name="waits">Hears the name of what another process fetches at the time.</param>
public sealed class ReferenceCache(string root, TimeProvider time, Action<string> waits) : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100), Unused = TimeSpan.FromDays(30);

    private readonly List<FileStream> _reading = [];

    /// <summary>The copy of this version, which stays until this is disposed; null where there is none.</summary>
    public LocalReference? Find(RemoteReference remote)
    {
        var key = KeyOf(remote);
        if (!File.Exists(WholeOf(key)) || Lock(key, alone: false) is not { } reading) return null;
        var found = Whole(key, remote);
        if (found is null) reading.Dispose();
        else _reading.Add(reading);
        return found;
    }

    /// <summary>The copy of this version, which stays until this is disposed; null where that version is not there any more.</summary>
    /// <param name="moved">Hears of bytes that came.</param>
    public async Task<LocalReference?> Bring(RemoteReference remote, Action<long> moved, CancellationToken cancel)
    {
        var (key, told) = (KeyOf(remote), false);
        Directory.CreateDirectory(Path.Combine(root, "locks"));
        while (true)
        {
            if (Find(remote) is { } found) return found;
            using (var alone = Lock(key, alone: true))
            {
                if (alone is not null)
                {
                    if (Whole(key, remote) is null && !await Fetch(key, remote, moved, cancel)) return null;
                    continue;
                }
            }
            if (!told) waits(remote.Name);
            told = true;
            await Task.Delay(BetweenLooks, time, cancel);
        }
    }

    public void Dispose()
    {
        foreach (var reading in _reading) reading.Dispose();
        _reading.Clear();
    }

    private async Task<bool> Fetch(string key, RemoteReference remote, Action<long> moved, CancellationToken cancel)
    {
        var whole = false;
        try
        {
            Empty(key);
            Directory.CreateDirectory(Path.Combine(root, key, "data"));
            var target = PathOf(key, remote.Name);
            if (!await remote.Fetch(target, moved, cancel)) return false;
            Close(target);
            var digest = remote.IsDirectory ? ContentDigest.OfDirectory(target).Digest : ContentDigest.OfFile(target);
            var (files, size, newest) = ReferenceRecord.Look(target);
            var written = WholeOf(key) + ".new";
            await File.WriteAllBytesAsync(written, new ReferenceRecord(remote.Source, remote.Version, remote.Name, digest.ToString(), files, size, newest).ToBytes(), cancel);
            // Before the name that says so, the bytes: a machine that loses its power keeps names without them.
            using (var file = File.OpenHandle(written)) Posix.SyncFileSystem((int)file.DangerousGetHandle());
            File.Move(written, WholeOf(key), overwrite: true);
            whole = true;
        }
        finally
        {
            if (!whole) AttemptFolders.Delete(Path.Combine(root, key));
        }
        Sweep(key, remote.Source);
        return true;
    }

    private LocalReference? Whole(string key, RemoteReference remote)
    {
        var (file, path) = (WholeOf(key), PathOf(key, remote.Name));
        if (ReferenceRecord.Read(file) is not { } record || record.Version != remote.Version || record.Name != remote.Name || ReferenceRecord.Look(path) != (record.Files, record.Size, record.Newest)) return null;
        try
        {
            File.SetLastWriteTimeUtc(file, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A cache that may only be read is as good.
        }
        return new LocalReference(path, record.Digest);
    }

    private void Sweep(string current, string source)
    {
        foreach (var folder in Directory.EnumerateDirectories(root))
        {
            var key = Path.GetFileName(folder);
            if (key == current || key == "locks") continue;
            // Without a record it is being fetched, and then it is locked; or that was broken off.
            if (ReferenceRecord.Read(WholeOf(key)) is { } record && record.Source != source && time.GetUtcNow() - File.GetLastWriteTimeUtc(WholeOf(key)) < Unused) continue;
            using var alone = Lock(key, alone: true);
            if (alone is not null) Empty(key);
        }
    }

    /// <summary>The record goes first, so that what is half gone is not taken for whole.</summary>
    private void Empty(string key)
    {
        if (File.Exists(WholeOf(key))) File.Delete(WholeOf(key));
        AttemptFolders.Delete(Path.Combine(root, key));
    }

    /// <summary>Null where another holds it. A process that ends, however it does, gives its locks back.</summary>
    private FileStream? Lock(string key, bool alone)
    {
        var path = Path.Combine(root, "locks", key);
        try
        {
            return alone ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None) : new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
        }
        catch (IOException error) when (error.HResult is 11 or 35 || error.Message.Contains("being used by another process", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>What many jobs read, none of them may write.</summary>
    private static void Close(string path)
    {
        const UnixFileMode read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (!Directory.Exists(path))
        {
            File.SetUnixFileMode(path, read);
            return;
        }
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)) File.SetUnixFileMode(file, read);
        foreach (var folder in Directory.EnumerateDirectories(path, "*", SearchOption.AllDirectories).Prepend(path)) File.SetUnixFileMode(folder, read | enter);
    }

    private string WholeOf(string key) => Path.Combine(root, key, "whole.json");

    private string PathOf(string key, string name) => Path.Combine(root, key, "data", name);

    private static string KeyOf(RemoteReference remote) => Digest.Of(System.Text.Encoding.UTF8.GetBytes($"{remote.Source}\0{remote.IsDirectory}\0{remote.Version}")).Hex[..32];
}
