using System.Text.RegularExpressions;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Describing;

/// <summary>A command as a person typed it: split, and what its placeholders most likely are.</summary>
internal static partial class CommandDraft
{
    public const string Input = "input", Output = "output", Variable = "variable";

    /// <summary>The arguments as templates; null, with the flaw, where the text is none.</summary>
    public static IReadOnlyList<Template>? Parse(string text, out string? flaw)
    {
        flaw = null;
        if (CommandSplitter.Split(text, out flaw) is not { } words) return null;
        try
        {
            return [.. words.Select(Template.Parse)];
        }
        catch (FormatException error)
        {
            flaw = error.Message;
            return null;
        }
    }

    public static string? Flaw(string text)
    {
        if (Parse(text, out var flaw) is not { } tokens) return flaw;
        if (tokens.Count == 0) return "This needs an answer.";
        if (tokens[0].Names.Any()) return "The first word is the program, and stays the same.";
        return Placeholders(text).FirstOrDefault(name => NameRule.Flaw(name) is not null) is { } odd ? $"“${odd}” cannot be a name. {NameRule.Flaw(odd)}" : null;
    }

    /// <summary>What changes from run to run, in the order of the command; names that Yunpipe fills in itself are none of it.</summary>
    public static IReadOnlyList<string> Placeholders(string text) => Parse(text, out _) is not { } tokens ? [] :
        [.. tokens.SelectMany(token => token.Names).Select(Port).Where(name => !ReservedNames.IsReserved(name) && !ReservedNames.IsMeta(name) && ReservedNames.OutputOf(name) is null).Distinct(StringComparer.Ordinal)];

    /// <summary>The inputs and variables that a text of a document inserts; none where it is no template.</summary>
    public static IEnumerable<string> Names(string text)
    {
        try
        {
            return Template.Parse(text).Names.Select(Port);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    /// <summary>Those of them that are asked about: a settings file of the edited document is described there.</summary>
    public static IReadOnlyList<string> Asked(Draft draft, string text) =>
        draft.Original?["configs"] is MapNode configs ? [.. Placeholders(text).Where(name => configs[name] is null)] : Placeholders(text);

    /// <summary>True where the command says where results belong, or leaves it to the algorithm.</summary>
    public static bool NamesOutFolder(string text) => Parse(text, out _)?.Any(token => token.Names.Contains("out")) ?? false;

    /// <summary>What a name most likely stands for.</summary>
    public static string GuessUse(string name)
    {
        var word = name.ToLowerInvariant();
        if (word.StartsWith("out", StringComparison.Ordinal) || word.StartsWith("result", StringComparison.Ordinal) || word.StartsWith("dest", StringComparison.Ordinal)) return Output;
        return word is "in" or "image" or "images" or "img" or "mask" or "file" or "source" or "src" || word.StartsWith("input", StringComparison.Ordinal) || word.StartsWith("infile", StringComparison.Ordinal)
            ? Input : Variable;
    }

    public static string GuessType(string name)
    {
        var word = name.ToLowerInvariant();
        if (Integers().IsMatch(word)) return "integer";
        if (Numbers().IsMatch(word)) return "number";
        if (Files().IsMatch(word)) return "file";
        return Flags().IsMatch(word) ? "flag" : "string";
    }

    /// <summary>The ending that is typed right after a placeholder, as in <c>$output.tif</c>; empty without one.</summary>
    public static string Ending(string text, string name)
    {
        foreach (var token in Parse(text, out _) ?? [])
            for (var i = 0; i + 1 < token.Pieces.Count; i++)
                if (token.Pieces[i] is { IsName: true } piece && piece.Text == name && token.Pieces[i + 1] is { IsName: false, Text: ['.', ..] } ending) return ending.Text;
        return "";
    }

    /// <summary>The input that <c>${image.stem}</c> or <c>${images.table}</c> speaks of.</summary>
    public static string Port(string name) => ReservedNames.FileOf(name)
        ?? (!ReservedNames.IsMeta(name) && new[] { ReservedNames.TableSuffix, ReservedNames.DirectorySuffix }.FirstOrDefault(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) is { } found ? name[..^found.Length] : name);

    [GeneratedRegex("^(n|num|count|seed|iter.*|steps?|min_?area|max_?area|channels?|planes?|levels?|window|bins?|.*_(count|pixels|px))$")]
    private static partial Regex Integers();

    [GeneratedRegex("^(sigma|threshold|scale|radius|diameter|alpha|beta|gamma|factor|ratio|min|max|.*_(threshold|scale|radius|sigma))$")]
    private static partial Regex Numbers();

    [GeneratedRegex("^(model|weights|atlas|template|reference|config|settings|macro|pipeline|.*_(file|model))$")]
    private static partial Regex Files();

    [GeneratedRegex("^(verbose|debug|invert|force|quiet|use_.*|no_.*|with_.*)$")]
    private static partial Regex Flags();
}
