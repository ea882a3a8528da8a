using System.Globalization;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Scripts;

/// <summary>One argument of a script.</summary>
/// <param name="Group">The mutually exclusive group that it is in; empty for none, with “!” before it where one of the group must be given.</param>
internal sealed record ScriptArgument(string Name, string? Flag, Variable Variable, string Group, bool IsPositional, Location Where);

/// <summary>Arguments out of <c>add_argument</c>, <c>make_option</c> and <c>add_option</c>.</summary>
internal static class ScriptArguments
{
    private const int Most = 500;

    public static List<ScriptArgument> Of(IReadOnlyList<ScriptCall> calls, bool isR, ProblemList told)
    {
        var arguments = new List<ScriptArgument>();
        var exclusive = calls.Where(call => call.Name == "add_mutually_exclusive_group" && call.Target.Length > 0)
            .GroupBy(call => call.Target).ToDictionary(group => group.Key, group => (group.First().Text("required") == "true" ? "!" : "") + group.Key, StringComparer.Ordinal);
        foreach (var call in calls)
        {
            if (call.Name == "add_subparsers") told.Add(ScriptCodes.NotSupported, call.Where, "Subcommands are not supported: their arguments stand here as if they were the script's own.", "Describe each subcommand as an algorithm of its own.");
            if (call.Name is not ("add_argument" or "make_option" or "add_option") || arguments.Count >= Most) continue;
            if (Argument(call, exclusive.GetValueOrDefault(call.Owner, ""), isR, told) is not { } argument) continue;
            if (arguments.Exists(other => other.Name == argument.Name)) told.Add(ScriptCodes.NotSupported, call.Where, $"A second argument {Wording.Quote(argument.Name)} is left out.");
            else arguments.Add(argument);
        }
        return arguments;
    }

    private static ScriptArgument? Argument(ScriptCall call, string group, bool isR, ProblemList told)
    {
        // R's optparse takes all flags as one vector, and add_option the parser before it.
        var names = call.Plain.SelectMany(value => value.Items ?? [value]).Concat(call.Named.GetValueOrDefault("opt_str") is { } flags ? flags.Items ?? [flags] : []).Where(value => value is { IsText: true, Text.Length: > 0 }).Select(value => value.Text!).ToList();
        if (names.Count == 0) { told.Add(ScriptCodes.NotSupported, call.Where, "An argument whose name is computed is left out."); return null; }
        var flag = names.Find(name => name.StartsWith("--", StringComparison.Ordinal)) ?? names.Find(name => name.StartsWith('-'));
        var action = (call.Text("action") ?? call.Named.GetValueOrDefault("action")?.Shown ?? "store").Replace("argparse.", "", StringComparison.Ordinal);
        if (action is "help" or "version" or "print_help") return null;
        var name = Fitted(call.Text("dest") ?? (flag ?? names[0]).TrimStart('-'));
        if (action is not ("store" or "store_true" or "store_false" or "append" or "extend" or "BooleanOptionalAction"))
        {
            told.Add(ScriptCodes.NotSupported, call.Where, $"The argument {Wording.Quote(name)} is left out: its action {Wording.Quote(action)} has no counterpart.");
            return null;
        }
        var variable = Typed(call, name, flag, action, isR, told);
        return new ScriptArgument(name, flag, variable, group, flag is null, call.Where);
    }

    private static Variable Typed(ScriptCall call, string name, string? flag, string action, bool isR, ProblemList told)
    {
        var help = (call.Text("help") ?? "").Replace("%(default)s", call.Named.GetValueOrDefault("default")?.Shown ?? "", StringComparison.Ordinal).Replace("%default", call.Named.GetValueOrDefault("default")?.Shown ?? "", StringComparison.Ordinal).Replace("%%", "%", StringComparison.Ordinal);
        help = string.Join(' ', help.Split((char[])['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        if (action is "store_true" or "store_false" or "BooleanOptionalAction") return new Variable { Name = name, Type = VariableType.Flag, Flag = flag, Help = help };
        var choices = call.Named.GetValueOrDefault("choices");
        if (choices is { Items: null }) told.Add(ScriptCodes.NotSupported, call.Where, $"The choices of {Wording.Quote(name)} are computed, and any value is taken.");
        var values = choices?.Items?.Select(item => item.Text).OfType<string>().Distinct().ToList() ?? [];
        var word = (call.Named.GetValueOrDefault("type") is { } type ? type.Text ?? type.Shown : "").Replace("pathlib.", "", StringComparison.Ordinal).Replace("argparse.", "", StringComparison.Ordinal);
        var member = values.Count > 0 ? VariableType.Enum : word switch
        {
            "int" or "integer" => VariableType.Integer,
            "float" or "double" or "numeric" => VariableType.Number,
            "logical" or "bool" => VariableType.Enum,
            "Path" or "open" => VariableType.File,
            _ when word.StartsWith("FileType", StringComparison.Ordinal) => VariableType.File,
            "" when call.Named.GetValueOrDefault("default") is { Text: { } literal, IsText: false } && isR && literal is not ("true" or "false") => VariableType.Number,
            _ => VariableType.String,
        };
        if (member == VariableType.Enum && values.Count == 0) values = isR ? ["TRUE", "FALSE"] : ["True", "False"];
        var (isList, least, most, optional) = Count(call, name, action, told);
        var variable = new Variable
        {
            Name = name, Type = isList ? VariableType.List : member, Of = isList ? member : VariableType.String, Values = values, Help = help, Flag = flag,
            MinItems = least, MaxItems = most, Repeat = action is "append" && flag is not null,
        };
        variable = variable with { Default = Default(call, variable, told) };
        return variable with { Required = variable.Default is null && (call.Text("required") == "true" || flag is null && !optional) };
    }

    private static (bool IsList, int? Least, int? Most, bool Optional) Count(ScriptCall call, string name, string action, ProblemList told)
    {
        var nargs = call.Named.GetValueOrDefault("nargs");
        switch (nargs?.Text)
        {
            case "?": return (action == "append", null, null, true);
            case "*": return (true, null, null, true);
            case "+": return (true, 1, null, false);
            case { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 10_000: return (true, count, count, false);
        }
        if (nargs is not null) told.Add(ScriptCodes.NotSupported, call.Where, $"“nargs” of {Wording.Quote(name)} is {Wording.Quote(nargs.Shown)}: any number of values is taken.");
        return (nargs is not null || action is "append" or "extend", null, null, nargs is not null);
    }

    private static VariableValue? Default(ScriptCall call, Variable variable, ProblemList told)
    {
        if (call.Named.GetValueOrDefault("default") is not { } given || given.Shown is "None" or "NULL" or "NA") return null;
        var items = given.Items ?? [given];
        if (items.Any(item => item.Text is null)) { told.Add(ScriptCodes.NotSupported, call.Where, $"The default of {Wording.Quote(variable.Name)} is computed; the script finds it where none is given."); return null; }
        DocumentNode Node(ScriptValue item) => new ScalarNode(variable.Type == VariableType.Enum && item is { IsText: false, Text: "true" or "false" } ? item.Shown : item.Text!, true, call.Where);
        var problems = new ProblemList();
        var node = variable.Type == VariableType.List ? new ListNode([.. items.Select(Node)], call.Where) : items.Count == 1 ? Node(items[0]) : null;
        if (node is not null && VariableValues.Read(variable, node, problems) is { } value) return value;
        told.Add(ScriptCodes.NotSupported, call.Where, $"The default of {Wording.Quote(variable.Name)} is no value of its type; the script finds it where none is given.");
        return null;
    }

    private static string Fitted(string text)
    {
        var name = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')).TrimStart('_');
        if (name.Length == 0 || !char.IsAsciiLetter(name[0])) name = "x_" + name;
        return name.Length > NameRule.Longest ? name[..NameRule.Longest] : name;
    }
}
