namespace Yunpipe.Images;

/// <summary>One image goes by several names: <c>nuclei</c> is <c>docker.io/library/nuclei:latest</c> to docker and <c>localhost/nuclei:latest</c> to podman.</summary>
internal static class ImageNames
{
    public const string Hub = "docker.io", Latest = "latest";

    /// <summary>The name in full, as docker has it; null for what is no reference.</summary>
    public static string? Full(string text) => ImageReference.TryParse(text, out var reference, out _) ? Full(reference) : null;

    public static string Full(ImageReference reference)
    {
        var whole = reference with { Registry = RegistryOf(reference), Repository = RepositoryOf(reference) };
        return (whole.Tag is null && whole.Digest is null ? whole with { Tag = Latest } : whole).ToString();
    }

    public static string RegistryOf(ImageReference reference) => reference.Registry is null or "index.docker.io" or "registry-1.docker.io" ? Hub : reference.Registry;

    /// <summary>Docker's own images live in a repository that nobody writes.</summary>
    public static string RepositoryOf(ImageReference reference) =>
        RegistryOf(reference) == Hub && !reference.Repository.Contains('/') ? "library/" + reference.Repository : reference.Repository;

    /// <summary>An image within a place, as part of a sentence.</summary>
    public static string Called(string tagOrDigest) => Digest.TryParse(tagOrDigest, out var digest) ? $"with the digest {digest}" : $"called “{tagOrDigest}”";

    public static bool Same(string one, string other) => one == other || Full(one) is { } full && (full == Full(other) || full == Full("localhost/" + other));
}
