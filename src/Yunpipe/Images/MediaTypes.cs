namespace Yunpipe.Images;

/// <summary>How a layer is packed.</summary>
public enum LayerPacking { Tar, Gzip, Zstd, Unknown }

/// <summary>Names of what images consist of: those of the OCI image specification ("Media Types") and docker's older ones, which mean the same.</summary>
public static class MediaTypes
{
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string Layer = "application/vnd.oci.image.layer.v1.tar";
    public const string LayerGzip = Layer + "+gzip";
    public const string LayerZstd = Layer + "+zstd";

    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = DockerLayer + ".gzip";

    private const string OldManifest = "application/vnd.docker.distribution.manifest.v1+";

    /// <summary>What a registry is asked for; one that is not named there is converted by some registries, which changes its digest.</summary>
    public static IReadOnlyList<string> Documents { get; } = [Manifest, Index, DockerManifest, DockerIndex];

    public static bool IsManifest(string type) => type is Manifest or DockerManifest;

    public static bool IsIndex(string type) => type is Index or DockerIndex;

    public static bool IsImageConfig(string type) => type is Config or DockerConfig;

    /// <summary>True for docker's first manifests, which name no sizes and are signed text.</summary>
    public static bool IsOld(string type) => type.StartsWith(OldManifest, StringComparison.Ordinal);

    public static bool IsDocker(string type) => type.StartsWith("application/vnd.docker.", StringComparison.Ordinal);

    /// <summary>Layers that no registry keeps, to be had from their author only (base layers of Windows).</summary>
    public static bool IsForeign(string type) => type.Contains(".nondistributable.", StringComparison.Ordinal) || type.Contains(".foreign.", StringComparison.Ordinal);

    public static bool IsLayer(string type) =>
        type.StartsWith("application/vnd.oci.image.layer.", StringComparison.Ordinal) || type.StartsWith("application/vnd.docker.image.rootfs.", StringComparison.Ordinal);

    public static LayerPacking Packing(string type) => !IsLayer(type) ? LayerPacking.Unknown
        : type.EndsWith("gzip", StringComparison.Ordinal) ? LayerPacking.Gzip
        : type.EndsWith("zstd", StringComparison.Ordinal) ? LayerPacking.Zstd
        : type.EndsWith(".tar", StringComparison.Ordinal) ? LayerPacking.Tar : LayerPacking.Unknown;
}
