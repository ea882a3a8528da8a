using System.Text.RegularExpressions;

namespace Yunpipe.Images;

/// <summary>An image as people write it: <c>[registry/]repository[:tag][@digest]</c> (OCI distribution specification, "Pulling manifests").</summary>
public sealed partial record ImageReference(string? Registry, string Repository, string? Tag, Digest? Digest)
{
    /// <summary>Registry and repository, without tag and digest.</summary>
    public string Name => Registry is null ? Repository : $"{Registry}/{Repository}";

    /// <summary>Reads a reference. The flaw is half a sentence that says what is wrong with it.</summary>
    public static bool TryParse(string text, out ImageReference reference, out string flaw)
    {
        (reference, flaw) = (null!, "");
        var rest = text;
        Digest? digest = null;
        if (rest.IndexOf('@') is var at and >= 0)
        {
            if (!Images.Digest.TryParse(rest[(at + 1)..], out var parsed)) return Fail("what follows “@” is not a sha256 digest", out flaw);
            (digest, rest) = (parsed, rest[..at]);
        }
        string? tag = null;
        if (rest.LastIndexOf(':') is var colon && colon > rest.LastIndexOf('/'))
        {
            (tag, rest) = (rest[(colon + 1)..], rest[..colon]);
            if (!TagForm().IsMatch(tag)) return Fail($"“{tag}” is not a tag", out flaw);
        }
        string? registry = null;
        if (rest.IndexOf('/') is var slash and > 0 && (rest.AsSpan(0, slash).ContainsAny('.', ':') || rest.AsSpan(0, slash).SequenceEqual("localhost")))
            (registry, rest) = (rest[..slash], rest[(slash + 1)..]);
        if (registry is not null && !(RegistryForm().IsMatch(registry) && Uri.TryCreate("http://" + registry, UriKind.Absolute, out _))) return Fail($"“{registry}” is not the name of a registry", out flaw);
        if (rest.Any(char.IsAsciiLetterUpper)) return Fail("names of images are in lower case", out flaw);
        if (!RepositoryForm().IsMatch(rest)) return Fail($"“{rest}” is not the name of an image", out flaw);
        reference = new ImageReference(registry, rest, tag, digest);
        return true;
    }

    public override string ToString() => Name + (Tag is null ? "" : $":{Tag}") + (Digest is null ? "" : $"@{Digest}");

    private static bool Fail(string why, out string flaw)
    {
        flaw = why;
        return false;
    }

    [GeneratedRegex(@"\A[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex RepositoryForm();

    /// <summary>A host and perhaps a port: it becomes part of an address, where nothing else may hide.</summary>
    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?\z")]
    private static partial Regex RegistryForm();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex TagForm();
}
