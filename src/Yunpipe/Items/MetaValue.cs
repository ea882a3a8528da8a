using Yunpipe.Algorithms;

namespace Yunpipe.Items;

/// <summary>How metadata values are compared and inserted.</summary>
public static class MetaValue
{
    /// <summary>Equal as text, or as whole numbers, so that <c>ch: 1</c> finds the <c>01</c> of a file name.</summary>
    public static bool Same(string a, string b)
    {
        if (a.Length == b.Length) return a == b;
        if (a.Length == 0 || b.Length == 0 || a.AsSpan().ContainsAnyExceptInRange('0', '9') || b.AsSpan().ContainsAnyExceptInRange('0', '9')) return false;
        return a.AsSpan(0, a.Length - 1).TrimStart('0').SequenceEqual(b.AsSpan(0, b.Length - 1).TrimStart('0')) && a[^1] == b[^1];
    }

    /// <summary>Expands a template on metadata; <c>${x}</c> and <c>${meta.x}</c> are the same here. Null where a value is absent.</summary>
    public static string? Expand(Template template, IReadOnlyDictionary<string, string> meta) =>
        template.Expand(name => meta.GetValueOrDefault(NameOf(name)));

    /// <summary>The metadata name that an insertion means.</summary>
    public static string NameOf(string inserted) => inserted.StartsWith("meta.", StringComparison.Ordinal) ? inserted[5..] : inserted;
}
