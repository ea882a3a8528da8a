using System.Globalization;
using System.Text;
using Yunpipe.Algorithms;

namespace Yunpipe.Items;

/// <summary>Keys of items that steps make out of others. Each is unique where its source's keys are.</summary>
public static class DerivedKey
{
    /// <summary>The key of the only group of a gather that takes all.</summary>
    public const string All = "all";

    /// <summary>What <c>gather.by</c> may insert beside metadata: the key of the workflow item that an item comes from.</summary>
    public const string Origin = "origin";

    /// <summary>A folder for each matrix value before the name, so that <c>P1/a.tif</c> becomes <c>P1/sigma=2/a.tif</c>.</summary>
    public static string OfVariant(string key, IReadOnlyList<KeyValuePair<string, string>> values)
    {
        if (values.Count == 0) return key;
        var slash = key.LastIndexOf('/') + 1;
        var text = new StringBuilder(key, 0, slash, key.Length + 16);
        foreach (var (name, value) in values) text.Append(name).Append('=').Append(Segment(value)).Append('/');
        return text.Append(key, slash, key.Length - slash).ToString();
    }

    /// <summary>One file of a job that makes many: the whole key as a folder (<c>a.tif/tile1.tif</c>), so that <c>a.tif</c> and <c>a.png</c> stay apart.</summary>
    public static string OfScattered(string key, string outputPath) => $"{key}/{outputPath}";

    /// <summary>The group that an item belongs to; null where it lacks a value that the key needs. No template takes all items into one.</summary>
    public static string? OfGroup(Template? by, IReadOnlyDictionary<string, string> meta, string origin) =>
        by is null ? All : by.Expand(name => name == Origin ? origin : meta.GetValueOrDefault(MetaValue.NameOf(name)));

    /// <summary>A value as one name of a path: slashes, control characters and “%” are written as in a URL.</summary>
    private static string Segment(string value)
    {
        if (!value.AsSpan().ContainsAny('/', '%') && !value.Any(char.IsControl)) return value;
        var text = new StringBuilder();
        foreach (var c in value)
        {
            if (c is '/' or '%' || c < 128 && char.IsControl(c)) text.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            else text.Append(c);
        }
        return text.ToString();
    }
}
