using Yunpipe.Documents;

namespace Yunpipe.Aws.Stores;

/// <summary><c>s3://bucket/prefix</c>. The prefix is empty or ends with a slash.</summary>
public readonly record struct S3Address(string Bucket, string Prefix)
{
    public const string Scheme = "s3://";

    public static bool Names(string? text) => text?.StartsWith(Scheme, StringComparison.Ordinal) == true;

    /// <summary>A place below which objects lie.</summary>
    public static Reading<AddressReading> Read(string text, Location? where = null)
    {
        var rest = Names(text) ? text[Scheme.Length..] : "";
        var slash = rest.IndexOf('/');
        var (bucket, prefix) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..]);
        if (bucket.Length is < 3 or > 63 || bucket.Any(c => !(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')))
            return new(null, [new Problem("YP6001", $"{Wording.Quote(text)} is no place in S3.", where, "Write s3://bucket or s3://bucket/folder; a bucket's name has 3 to 63 small letters, digits, dots and hyphens.")]);
        if (prefix.Length > 0 && !prefix.EndsWith('/')) prefix += "/";
        return new(new AddressReading(new S3Address(bucket, prefix)), []);
    }

    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}";
}

/// <summary>An address that was read.</summary>
public sealed record AddressReading(S3Address Address);
