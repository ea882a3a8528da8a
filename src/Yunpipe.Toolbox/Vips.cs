using NetVips;

namespace Yunpipe.Toolbox;

/// <summary>libvips, set up for a process that does one thing to one image and ends.</summary>
internal static class Vips
{
    /// <summary>One thread unless told otherwise: a runner starts one process per slot, and more threads would fight over the same cores.</summary>
    public static void Configure(int threads)
    {
        NetVips.NetVips.Concurrency = threads;
        // The cache pays for itself only in processes that repeat operations.
        Cache.Max = 0;
        // Loaders that libvips itself marks as unfit for files from strangers: SVG, PDF, ImageMagick and the like.
        NetVips.NetVips.BlockUntrusted = true;
    }

    /// <summary>libvips reports a stack of lines; the first one names the cause.</summary>
    public static string Cause(VipsException exception)
    {
        var lines = exception.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length > 1 ? lines[1] : lines.FirstOrDefault() ?? "no reason given";
    }
}
