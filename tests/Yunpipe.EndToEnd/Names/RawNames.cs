using System.Runtime.InteropServices;
using System.Text;

namespace Yunpipe.EndToEnd.Names;

/// <summary>Files whose names are bytes that .NET cannot say.</summary>
internal static class RawNames
{
    public static void File(string folder, ReadOnlySpan<byte> name)
    {
        var fd = creat(Path(folder, name), 0b110_100_100);
        fd.ShouldBeGreaterThan(0);
        close(fd).ShouldBe(0);
    }

    /// <summary>A folder with one file in it.</summary>
    public static void Folder(string folder, ReadOnlySpan<byte> name, string file)
    {
        mkdir(Path(folder, name), 0b111_101_101).ShouldBe(0);
        File(folder, [.. name, (byte)'/', .. Encoding.UTF8.GetBytes(file)]);
    }

    public static void Pipe(string path) => mkfifo(Path(path, []), 0b110_100_100).ShouldBe(0);

    public static void RemoveAll(string folder)
    {
        using var rm = System.Diagnostics.Process.Start("rm", ["-rf", folder]);
        rm.WaitForExit();
        rm.ExitCode.ShouldBe(0);
    }

    private static byte[] Path(string folder, ReadOnlySpan<byte> name) =>
        name.IsEmpty ? [.. Encoding.UTF8.GetBytes(folder), 0] : [.. Encoding.UTF8.GetBytes(folder), (byte)'/', .. name, 0];

    [DllImport("libc")] private static extern int creat(byte[] path, uint mode);
    [DllImport("libc")] private static extern int close(int fd);
    [DllImport("libc")] private static extern int mkdir(byte[] path, uint mode);
    [DllImport("libc")] private static extern int mkfifo(byte[] path, uint mode);
}
