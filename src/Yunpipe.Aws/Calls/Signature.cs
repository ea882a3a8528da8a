using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Yunpipe.Aws.Calls;

/// <summary>Keys of a role or a user; the token is null for lasting ones.</summary>
public sealed record AwsKeys(string Id, string Secret, string? Token);

/// <summary>Signature version 4 of a POST without a query, which is all that the JSON, Query and REST protocols need here (AWS General Reference, “Signing AWS API requests”).</summary>
public static class Signature
{
    /// <summary>The headers to send, <c>Authorization</c> among them.</summary>
    /// <param name="headers">Headers to sign besides the host and the date: names in lower case.</param>
    /// <param name="path">As it is sent: each of its parts escaped once, as services other than S3 want it; it is signed escaped twice.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Headers(
        AwsKeys keys, string region, string service, string host, ReadOnlySpan<byte> body, IEnumerable<KeyValuePair<string, string>> headers, DateTimeOffset now, string path = "/")
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var day = stamp[..8];
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = host, ["x-amz-date"] = stamp };
        foreach (var (name, value) in headers) all[name] = value;
        if (keys.Token is { } token) all["x-amz-security-token"] = token;
        var names = string.Join(';', all.Keys);
        var request = new StringBuilder("POST\n").AppendJoin('/', path.Split('/').Select(Uri.EscapeDataString)).Append("\n\n");
        foreach (var (name, value) in all) request.Append(name).Append(':').Append(value.Trim()).Append('\n');
        request.Append('\n').Append(names).Append('\n').Append(Convert.ToHexStringLower(SHA256.HashData(body)));
        var scope = $"{day}/{region}/{service}/aws4_request";
        var text = $"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.ToString())))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + keys.Secret);
        foreach (var part in (ReadOnlySpan<string>)[day, region, service, "aws4_request"]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        all.Remove("host");
        return [.. all, new("authorization", $"AWS4-HMAC-SHA256 Credential={keys.Id}/{scope}, SignedHeaders={names}, Signature={signature}")];
    }
}
