using NetVips;

namespace Yunpipe.Toolbox.Images;

/// <summary>Images made small for looking at, in their own number type, grey or with three colours.</summary>
internal static class Miniature
{
    /// <param name="edge">The longer edge, in pixels; smaller images stay as they are.</param>
    public static Image Of(Image image, int edge)
    {
        var opaque = image.ToOpaque();
        var shown = opaque.Bands is 1 or 3 ? opaque : opaque.ToGrey();
        var scale = Math.Min(1, (double)edge / Math.Max(shown.Width, shown.Height));
        if (scale >= 1)
            return shown.CopyMemory();
        // At least one pixel each way, however narrow the image.
        return shown.Resize(Math.Max(scale, 1.0 / shown.Width), vscale: Math.Max(scale, 1.0 / shown.Height), kernel: Enums.Kernel.Lanczos3).CopyMemory();
    }
}
