namespace Yunpipe.Images;

/// <summary>The kind of machine that an image is made for, written <c>linux/amd64</c> or <c>linux/arm/v7</c> (OCI image index, "platform").</summary>
public sealed record ImagePlatform(string Os, string Architecture, string? Variant = null)
{
    /// <summary>What builders write beside images to hold attestations: no machine at all.</summary>
    public static ImagePlatform Nowhere { get; } = new("unknown", "unknown");

    public bool IsNowhere => Os == "unknown" && Architecture == "unknown";

    /// <summary>The platform of a Linux machine with the processor that this process runs on.</summary>
    public static ImagePlatform Here { get; } = new("linux", System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    });

    /// <summary>Reads <c>os/architecture[/variant]</c>; a bare architecture means Linux. Other names of processors (x86_64, aarch64) are put right.</summary>
    public static bool TryParse(string? text, out ImagePlatform platform)
    {
        platform = Nowhere;
        var parts = (text ?? "").ToLowerInvariant().Split('/');
        if (parts.Length > 3 || parts.Any(part => part.Length == 0 || !part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))) return false;
        if (parts.Length == 1) parts = ["linux", parts[0]];
        var (architecture, variant) = parts[1] switch
        {
            "x86_64" or "x86-64" or "x64" => ("amd64", parts.ElementAtOrDefault(2)),
            "aarch64" => ("arm64", parts.ElementAtOrDefault(2)),
            var known => (known, parts.ElementAtOrDefault(2)),
        };
        platform = new ImagePlatform(parts[0], architecture, variant);
        return true;
    }

    /// <summary>True where an image made for <paramref name="made"/> is what a person means who asks for this one. A variant that is not said fits any;
    /// <c>v8</c> is what arm64 is without saying.</summary>
    public bool Takes(ImagePlatform made) => Os == made.Os && Architecture == made.Architecture && (Variant is null || Variant == made.Variant || Usual(this) == Usual(made));

    private static string? Usual(ImagePlatform platform) => platform.Variant ?? (platform.Architecture == "arm64" ? "v8" : null);

    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
