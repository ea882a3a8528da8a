using System.Net;

namespace Yunpipe.Images.Registries;

/// <summary>How often and how soon something is tried again: what the registry says (Retry-After), otherwise a pause that doubles.</summary>
internal static class Backoff
{
    public const int MaxTries = 5;

    /// <summary>Longer than this nobody should be kept waiting without being told.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>True for answers that may be another in a moment.</summary>
    public static bool Passes(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
        or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    public static Task Wait(ImagePlaceSettings settings, int tries, HttpResponseMessage? response, CancellationToken cancel)
    {
        var pause = response?.Headers.RetryAfter is not { } after ? settings.FirstPause * Math.Pow(2, tries - 1)
            : after.Delta ?? after.Date - settings.Time.GetUtcNow() ?? settings.FirstPause;
        return Task.Delay(pause < TimeSpan.Zero ? TimeSpan.Zero : pause > Longest ? Longest : pause, settings.Time, cancel);
    }
}

/// <summary>Bodies of answers that should be small.</summary>
internal static class Bounded
{
    /// <summary>The body; null where it is larger than allowed. Its announced length is believed only where it is too much.</summary>
    public static async Task<byte[]?> Read(HttpContent content, int most, CancellationToken cancel)
    {
        if (content.Headers.ContentLength > most) return null;
        await using var stream = await content.ReadAsStreamAsync(cancel);
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancel)) > 0)
        {
            if (body.Length + count > most) return null;
            body.Write(buffer, 0, count);
        }
        return body.ToArray();
    }
}
