namespace Yunpipe.Images.Registries;

/// <summary>What a registry wants before it answers (RFC 9110, "WWW-Authenticate"; OAuth 2 bearer tokens as docker's registries use them).</summary>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public bool IsBearer => Scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase);
    public bool IsBasic => Scheme.Equals("basic", StringComparison.OrdinalIgnoreCase);
    public string? this[string name] => Parameters.GetValueOrDefault(name);

    /// <summary>The challenge that can be met: bearer before basic; null where there is neither.</summary>
    public static Challenge? Choose(IEnumerable<string> headers)
    {
        var all = headers.SelectMany(Read).ToList();
        return all.FirstOrDefault(each => each.IsBearer) ?? all.FirstOrDefault(each => each.IsBasic);
    }

    /// <summary>Reads a header: several challenges may stand in one, parted by the same commas as their parameters.</summary>
    public static IEnumerable<Challenge> Read(string header)
    {
        var at = 0;
        string? scheme = null;
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (true)
        {
            while (at < header.Length && header[at] is ' ' or ',' or '\t') at++;
            var start = at;
            while (at < header.Length && header[at] is not (' ' or ',' or '=' or '\t')) at++;
            if (at == start)
            {
                if (at >= header.Length) break;
                at++; // A stray “=” belongs to nothing.
                continue;
            }
            var word = header[start..at];
            if (at < header.Length && header[at] == '=' && scheme is not null)
            {
                at++;
                parameters[word] = Value(header, ref at);
                continue;
            }
            if (scheme is not null) yield return new Challenge(scheme, parameters);
            (scheme, parameters) = (word, new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase));
        }
        if (scheme is not null) yield return new Challenge(scheme, parameters);
    }

    private static string Value(string header, ref int at)
    {
        if (at < header.Length && header[at] == '"')
        {
            var text = new System.Text.StringBuilder();
            for (at++; at < header.Length && header[at] != '"'; at++)
            {
                if (header[at] == '\\' && at + 1 < header.Length) at++;
                text.Append(header[at]);
            }
            at++;
            return text.ToString();
        }
        var start = at;
        while (at < header.Length && header[at] is not (',' or ' ')) at++;
        return header[start..at];
    }
}
