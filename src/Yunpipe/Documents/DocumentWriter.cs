using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Yunpipe.Documents;

/// <summary>Nodes back to text: the same nodes are always the same bytes. Comments and layout of a source are not kept.</summary>
public static partial class DocumentWriter
{
    /// <summary>JSON; on one line where it travels in a label, indented by two for people.</summary>
    public static string ToJson(DocumentNode node, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = indented, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(buffer, options)) Json(writer, node);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + (indented ? "\n" : "");
    }

    private static void Json(Utf8JsonWriter writer, DocumentNode node)
    {
        switch (node)
        {
            case MapNode map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Json(writer, entry.Value);
                }
                writer.WriteEndObject();
                break;
            case ListNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items) Json(writer, item);
                writer.WriteEndArray();
                break;
            case ScalarNode scalar when scalar.IsNull:
                writer.WriteNullValue();
                break;
            case ScalarNode { IsQuoted: false } scalar when scalar.Text is "true" or "false" || JsonNumber().IsMatch(scalar.Text):
                writer.WriteRawValue(scalar.Text);
                break;
            case ScalarNode scalar:
                writer.WriteStringValue(scalar.Text);
                break;
        }
    }

    /// <summary>YAML in blocks; lists of texts and small maps of texts stand in one line.</summary>
    public static string ToYaml(DocumentNode node)
    {
        var text = new StringBuilder();
        if (InOneLine(node) is { } line) return line + "\n";
        Block(text, node, 0);
        return text.ToString();
    }

    private static void Block(StringBuilder text, DocumentNode node, int indent)
    {
        if (node is MapNode map)
            foreach (var entry in map.Entries)
            {
                text.Append(' ', indent).Append(Scalar(entry.Key, true)).Append(':');
                Value(text, entry.Value, indent);
            }
        else if (node is ListNode list)
            foreach (var item in list.Items)
            {
                text.Append(' ', indent).Append('-');
                Value(text, item, indent);
            }
    }

    private static void Value(StringBuilder text, DocumentNode value, int indent)
    {
        if (InOneLine(value) is { } line && (value is ScalarNode || indent + line.Length < 140))
        {
            text.Append(line.Length > 0 ? " " : "").Append(line).Append('\n');
            return;
        }
        text.Append('\n');
        Block(text, value, indent + 2);
    }

    /// <summary>Scalars, lists of scalars, maps of scalars and of such lists; null for what wants lines of its own.</summary>
    private static string? InOneLine(DocumentNode node, int depth = 0)
    {
        if (node is ScalarNode scalar) return scalar.IsNull ? depth > 0 ? "null" : "" : Scalar(scalar.Text, scalar.IsQuoted);
        if (node is ListNode { Items.Count: 0 }) return "[]";
        if (node is MapNode { Entries.Count: 0 }) return "{}";
        if (depth > 1) return null;
        var parts = new List<string>();
        IEnumerable<(string Key, DocumentNode Value)> members = node is MapNode map
            ? map.Entries.Select(entry => (Scalar(entry.Key, true) + ": ", entry.Value)) : ((ListNode)node).Items.Select(item => ("", item));
        foreach (var (key, value) in members)
        {
            if (value is MapNode { Entries.Count: > 0 } || InOneLine(value, depth + 1) is not { } part) return null;
            parts.Add(key + part);
        }
        var inside = string.Join(", ", parts);
        return node is MapNode ? $"{{{inside}}}" : $"[{inside}]";
    }

    private static string Scalar(string text, bool isText)
    {
        if (!isText || PlainYaml().IsMatch(text) && !LooksTyped().IsMatch(text)) return text;
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (c == '\n') quoted.Append("\\n");
            else if (c == '\t') quoted.Append("\\t");
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"\A[A-Za-z0-9_./][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+()-]+)*\z")]
    private static partial Regex PlainYaml();

    /// <summary>What some YAML reader would take for a number, a flag, null or a date.</summary>
    [GeneratedRegex(@"\A([+-]?\.?[0-9]\S*|[+-]?\.(inf|nan)|\.{3}|true|false|null|yes|no|on|off|y|n|~)\z", RegexOptions.IgnoreCase)]
    private static partial Regex LooksTyped();
}
