namespace Yunpipe.Images.Checks;

/// <summary>How much a finding matters: an image with one that is <see cref="Bad"/> will not run.</summary>
public enum FindingKind { Good, Unknown, Advice, Bad }

/// <summary>One thing that decides whether an algorithm runs in an image: a sentence, and what to do where there is something to do.</summary>
/// <param name="Topic">platform, entrypoint, executable, interpreter, user, size, largest layer.</param>
/// <param name="Code">Of what is bad, or worth looking up.</param>
public sealed record ImageFinding(string Topic, FindingKind Kind, string Says, string? Advice = null, string? Code = null)
{
    public override string ToString() => Says + (Advice is null ? "" : " " + Advice);
}
