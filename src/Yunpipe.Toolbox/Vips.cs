using NetVips;

namespace Yunpipe.Toolbox;

/// <summary>libvips, set up for a process that does one thing to one image and ends.</summary>
internal static class Vips
{
    // Kept here so that the collector leaves it while libvips holds its address.
    private static readonly Log.LogDelegate s_silence = static (_, _, _) => { };

    /// <summary>One thread unless told otherwise: a runner starts one process per slot, and more threads would fight over the same cores.</summary>
    public static void Configure(int threads)
    {
        NetVips.NetVips.Concurrency = threads;
        // The cache pays for itself only in processes that repeat operations.
        Cache.Max = 0;
        // Loaders that libvips itself marks as unfit for files from strangers: SVG, PDF, ImageMagick and the like.
        NetVips.NetVips.BlockUntrusted = true;
        // Decoders warn of private tags and the like. What matters makes a decoder fail (FailOn.Error) and arrives as an exception.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, s_silence);
    }

    /// <summary>libvips reports a stack of lines under a heading; the first one names the cause, after the name of the function that met it.</summary>
    public static string Cause(VipsException exception)
    {
        var lines = exception.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var cause = lines.Length > 1 ? lines[1] : lines.FirstOrDefault() ?? "no reason given";
        var prefix = cause.IndexOf(": ", StringComparison.Ordinal);
        return (prefix > 0 && !cause.AsSpan(0, prefix).ContainsAny(" /.") ? cause[(prefix + 2)..] : cause).TrimEnd('.');
    }
}
