using System.Diagnostics;

namespace Yunpipe.EndToEnd.Faults;

/// <summary>A file system of a few mebibytes in memory; only root can have one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _root;

    private SmallDisk(string root) => _root = root;

    public static SmallDisk Mount(string root, int mebibytes)
    {
        if (Environment.UserName != "root") Assert.Skip("Only root can mount a small disk.");
        Directory.CreateDirectory(root);
        if (Do("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "yunpipe-test", root) != 0) Assert.Skip("A small disk cannot be mounted here, even by root.");
        return new SmallDisk(root);
    }

    public void Remount(string options) => Do("mount", "-o", $"remount,{options}", _root).ShouldBe(0);

    /// <summary>A file that leaves so many bytes to others.</summary>
    public void Fill(string name, long leaves)
    {
        using var file = new FileStream(Path.Combine(_root, name), FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var block = new byte[4096];
        while (new DriveInfo(_root).AvailableFreeSpace > leaves) file.Write(block);
    }

    public void Dispose() => Do("umount", "--lazy", _root);

    private static int Do(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
