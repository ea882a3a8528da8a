using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Yunpipe.Toolbox;

/// <summary>The options that verbs share, each with its range checked while parsing.</summary>
internal static class Arguments
{
    public static Option<string> File(string name, string help) => new(name) { Description = help, HelpName = "file", Required = true };

    public static Option<string> Out(string help) => new("--out") { Description = help, HelpName = "file", Required = true };

    public static Option<long> MaxPixels() => new("--max-pixels")
    {
        Description = "Refuse an image whose header claims more pixels than this.",
        HelpName = "number",
        DefaultValueFactory = _ => 400_000_000,
        CustomParser = result => Parse(result, 1L, long.MaxValue),
    };

    public static Option<Images.Page> Page() => new("--page")
    {
        Description = "The page of a multi-page image, counted from 0.",
        HelpName = "number",
        DefaultValueFactory = _ => new Images.Page(0),
        CustomParser = result => new Images.Page(Parse(result, 0, int.MaxValue)),
    };

    public static Option<Images.Page> PageOrAll() => new("--page")
    {
        Description = "The page of a multi-page image, counted from 0, or all.",
        HelpName = "number|all",
        DefaultValueFactory = _ => new Images.Page(0),
        CustomParser = result => result.Tokens is [{ Value: "all" }] ? Images.Page.All : new Images.Page(Parse(result, 0, int.MaxValue)),
    };

    public static Option<double> Number(string name, double standard, double minimum, double maximum, string help) => new(name)
    {
        Description = help,
        HelpName = "number",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Parse(result, minimum, maximum),
    };

    public static Option<int> Whole(string name, int standard, int minimum, int maximum, string help) => new(name)
    {
        Description = help,
        HelpName = "number",
        DefaultValueFactory = _ => standard,
        CustomParser = result => Parse(result, minimum, maximum),
    };

    public static Option<string> Choice(string name, string help, string standard, params string[] others)
    {
        string[] all = [standard, .. others];
        return new(name)
        {
            Description = help,
            HelpName = string.Join('|', all),
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
            {
                var value = result.Tokens[0].Value;
                if (!all.Contains(value))
                    result.AddError($"{name} is one of {string.Join(", ", all)}; it cannot be '{value}'.");
                return value;
            },
        };
    }

    /// <summary>Two whole numbers of at least 1 around a mark, such as 512x512; with '-' as the mark one number stands for both.</summary>
    public static Option<Pair> Pair(string name, string standard, char mark, string help, string form) => new(name)
    {
        Description = help,
        HelpName = form,
        DefaultValueFactory = _ => Split(standard, mark)!.Value,
        CustomParser = result =>
        {
            var pair = Split(result.Tokens[0].Value, mark);
            if (pair is null)
                result.AddError($"{name} has the form {form}; it cannot be '{result.Tokens[0].Value}'.");
            return pair.GetValueOrDefault();
        },
    };

    private static Pair? Split(string text, char mark)
    {
        var parts = text.Split(mark);
        if (mark == '-' && parts.Length == 1)
            parts = [text, text];
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) && first > 0
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var second) && second > 0
            && (mark != '-' || first <= second)
            ? new Pair(first, second, mark)
            : null;
    }

    private static T Parse<T>(ArgumentResult result, T minimum, T maximum)
        where T : struct, IParsable<T>, IComparable<T>
    {
        var (text, name) = (result.Tokens[0].Value, (result.Parent as OptionResult)?.Option.Name);
        if (!T.TryParse(text, CultureInfo.InvariantCulture, out var value) || value is double.NaN)
            result.AddError($"{name} is a number; it cannot be '{text}'.");
        else if (value.CompareTo(minimum) < 0 || value.CompareTo(maximum) > 0)
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} lies between {minimum} and {maximum}; it cannot be {text}."));
        return value;
    }
}

/// <summary>Two numbers around a mark.</summary>
internal readonly record struct Pair(int First, int Second, char Mark)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}{Mark}{Second}");
}
