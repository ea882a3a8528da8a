using System.Globalization;
using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Agent.Hand;

/// <summary>What <c>--help</c> says: all of it comes from the descriptor.</summary>
internal static class HandHelp
{
    private const int Width = 26;
    private const string Docker = "docker run --rm -v \"$PWD:/data\" -w /data IMAGE";

    public static string Of(Algorithm algorithm)
    {
        var text = new StringBuilder(HandUse.Title(algorithm)).Append('\n');
        if (algorithm.Description.Length > 0) text.Append(algorithm.Description.TrimEnd()).Append('\n');
        var main = First(algorithm);
        var image = main is null ? "" : main.Directory ? "FOLDER… " : "FILE… ";
        text.Append("\nHow to call it\n");
        Line(text, $"{image}[options] OUT", "");
        Line(text, "OUT", "the folder for the results; it is made where it is not there");
        if (main is not null) Line(text, image.TrimEnd(), $"{(main.List ? "all images of one call" : "images, each in turn")}; a folder stands for all in it that “{main.Name}” takes");

        Section(text, "Inputs", algorithm.Inputs, port => port == main ? port.Name : $"--{port.Name} {(port.Directory ? "FOLDER" : "FILE")}", port => InputText(port, port == main));
        Section(text, "Results, in OUT", algorithm.Outputs, ResultName, OutputText);
        if (algorithm.Outputs.Any(port => port.Path.Names.Contains("stem"))) text.Append("  NAME is the name of the image without its extension.\n");
        Section(text, "Options", algorithm.Variables, Option, OptionText);
        Section(text, "Exit codes of the algorithm", algorithm.ExitCodes.OrderBy(exit => exit.Key).ToList(), exit => exit.Key.ToString(CultureInfo.InvariantCulture), exit => exit.Value.Says);
        text.Append("\nMore\n");
        Line(text, "--version", "the version of the algorithm, and of Yunpipe's agent");
        Line(text, "--descriptor", "the description of the algorithm as JSON");
        Line(text, "exec …", "what the image runs without Yunpipe; also --original -- …");
        text.Append("\nExample, with IMAGE for the name of this container image\n").Append("  ").Append(Docker).Append(' ').Append(Example(algorithm, main)).Append('\n');
        return text.ToString();
    }

    private static InputPort? First(Algorithm algorithm) =>
        algorithm.Inputs.FirstOrDefault(port => port.Required) ?? (algorithm.Inputs.Count > 0 ? algorithm.Inputs[0] : null);

    private static void Section<T>(StringBuilder text, string title, IReadOnlyList<T> entries, Func<T, string> left, Func<T, string> right)
    {
        if (entries.Count == 0) return;
        text.Append('\n').Append(title).Append('\n');
        foreach (var entry in entries) Line(text, left(entry), right(entry));
    }

    private static void Line(StringBuilder text, string left, string right)
    {
        text.Append("  ").Append(left);
        if (right.Length > 0) text.Append(left.Length >= Width - 1 ? "\n" + new string(' ', Width + 2) : new string(' ', Width - left.Length)).Append(right);
        text.Append('\n');
    }

    private static string InputText(InputPort port, bool main)
    {
        var what = port.Directory ? "folders" : "files";
        var parts = new List<string> { port.Accepts.Count > 0 ? $"{what} named {string.Join(", ", port.Accepts)}" : port.Directory ? "a folder" : "any file" };
        if (port.List) parts.Add(main ? "any number of them" : "may be repeated");
        if (!port.Required) parts.Add("may be left out");
        if (main) parts.Add($"or given as --{port.Name}");
        return string.Join("; ", parts);
    }

    /// <summary>Of an absolute place inside the container only the name reaches the folder for the results.</summary>
    private static string ResultName(OutputPort port)
    {
        var name = string.Concat(port.Path.Pieces.Select(piece => !piece.IsName ? piece.Text : piece.Text == "stem" ? "NAME" : $"${{{piece.Text}}}"));
        return name.StartsWith('/') ? name[(name.LastIndexOf('/') + 1)..] : name;
    }

    private static string OutputText(OutputPort port)
    {
        var parts = new List<string> { port.Name };
        if (port.Directory) parts.Add("a folder");
        if (port.Each) parts.Add("any number of them");
        if (!port.Required) parts.Add("not always");
        return string.Join("; ", parts);
    }

    private static string Option(Variable variable) => variable.Type == VariableType.Flag ? $"--{variable.Name}" : $"--{variable.Name} {Placeholder(variable)}";

    private static string Placeholder(Variable variable) => variable.Type switch
    {
        VariableType.Enum => string.Join('|', variable.Values),
        VariableType.List when variable.Of == VariableType.Enum => string.Join(',', variable.Values),
        VariableType.List => $"{Word(variable.Of)},{Word(variable.Of)}…",
        _ => Word(variable.Type),
    };

    private static string Word(VariableType type) => type switch
    {
        VariableType.Integer => "N",
        VariableType.Number => "NUMBER",
        VariableType.File => "FILE",
        VariableType.Directory => "FOLDER",
        _ => "TEXT",
    };

    private static string OptionText(Variable variable)
    {
        var facts = new List<string>();
        if (variable.Required) facts.Add("needed");
        switch (variable)
        {
            case { Minimum: { } low, Maximum: { } high }: facts.Add($"{ValueFlaw.Show(low)} to {ValueFlaw.Show(high)}"); break;
            case { Minimum: { } low }: facts.Add($"at least {ValueFlaw.Show(low)}"); break;
            case { Maximum: { } high }: facts.Add($"at most {ValueFlaw.Show(high)}"); break;
        }
        if (variable.Pattern is { } pattern) facts.Add($"matches {pattern}");
        if (variable.Default is { } value) facts.Add($"default {(value.Text.Length == 0 ? "empty" : value.Text)}");
        var help = variable.Help.TrimEnd('.', ' ');
        return facts.Count == 0 ? help : $"{help}{(help.Length > 0 ? " " : "")}[{string.Join("; ", facts)}]";
    }

    /// <summary>A call that could be typed as it is, with an image of one's own.</summary>
    private static string Example(Algorithm algorithm, InputPort? main)
    {
        var words = new List<string>();
        if (main is not null) words.Add(SampleOf(main));
        words.Add("out/");
        foreach (var port in algorithm.Inputs) if (port.Required && port != main) words.AddRange([$"--{port.Name}", SampleOf(port)]);
        var shown = algorithm.Variables.Where(variable => variable.Required).ToList();
        if (shown.Count == 0 && algorithm.Variables.FirstOrDefault(variable => variable.Default is { Items.Count: > 0 } && variable.Type != VariableType.Flag && !ReferencePath.IsReference(variable)) is { } first) shown.Add(first);
        foreach (var variable in shown)
        {
            words.Add("--" + variable.Name);
            if (variable.Type != VariableType.Flag) words.Add(variable.Default?.Text ?? SampleOf(variable));
        }
        return CommandPreview.ToLine(words);
    }

    private static string SampleOf(InputPort port)
    {
        var glob = port.Accepts.Count > 0 ? port.Accepts[0] : port.Directory ? "*" : "*.tif";
        return glob.Replace("*", port.Name, StringComparison.Ordinal).Replace('?', '1');
    }

    private static string SampleOf(Variable variable) => VariableValues.MemberType(variable) switch
    {
        VariableType.Integer or VariableType.Number => ValueFlaw.Show(variable.Minimum ?? (variable.Maximum is { } high ? Math.Min(high, 1) : 1)),
        VariableType.Enum => variable.Values[0],
        VariableType.File => variable.Name + ".dat",
        VariableType.Directory => variable.Name + "/",
        _ => "TEXT",
    };
}
