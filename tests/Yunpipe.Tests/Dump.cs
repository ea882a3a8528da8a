using System.Collections;
using System.Globalization;
using System.Text;

namespace Yunpipe.Tests;

/// <summary>All public properties of a value as text, so that two of them can be compared whole whatever their own equality.</summary>
internal static class Dump
{
    public static string Of(object? value, params string[] without)
    {
        var text = new StringBuilder();
        Write(text, value, "", without);
        return text.ToString();
    }

    private static void Write(StringBuilder text, object? value, string path, string[] without)
    {
        if (value is null || value is string || value.GetType() is { IsPrimitive: true } or { IsEnum: true } || value is decimal or TimeSpan)
            text.AppendLine(CultureInfo.InvariantCulture, $"{path} = {(value is string s ? $"\"{s}\"" : value ?? "null")}");
        else if (value is IDictionary map)
            foreach (var key in map.Keys.Cast<object>().OrderBy(key => key.ToString(), StringComparer.Ordinal)) Write(text, map[key], $"{path}[{key}]", without);
        else if (value is IEnumerable list)
        {
            var index = 0;
            foreach (var item in list) Write(text, item, $"{path}[{index++}]", without);
            text.AppendLine(CultureInfo.InvariantCulture, $"{path} count {index}");
        }
        else
            foreach (var property in value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0 && !property.GetMethod!.IsStatic && !without.Contains(property.Name)))
                Write(text, property.GetValue(value), $"{path}.{property.Name}", without);
    }
}
