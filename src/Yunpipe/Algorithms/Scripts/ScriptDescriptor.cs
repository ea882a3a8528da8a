using Yunpipe.Algorithms.Importing;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Scripts;

/// <summary>Which argument takes the image, which the place of the result, and the descriptor of all.</summary>
internal static class ScriptDescriptor
{
    private static readonly string[] InputNames = ["input", "image", "in", "infile", "input_file", "input_image", "input_path", "img", "img_path", "image_path", "inputs", "images", "source", "src", "file", "filename", "path", "input_dir", "indir"];
    private static readonly string[] OutputNames = ["output", "out", "outfile", "output_file", "output_path", "result", "results", "dest", "destination", "save", "output_dir", "outdir", "out_dir", "output_folder", "output_directory"];

    /// <summary>Null where no argument can be the input.</summary>
    /// <param name="modules">Further files that the script consists of.</param>
    public static Algorithm? Make(List<ScriptArgument> arguments, string fileName, string? description, bool isR, string? input, string? output, IReadOnlyList<string> modules, ProblemList told)
    {
        var image = Pick(arguments, input, InputNames) ?? arguments.Find(argument => argument.IsPositional && argument.Variable.Type is VariableType.String or VariableType.File);
        if (image is null) return null;
        var result = Pick([.. arguments.Where(argument => argument != image)], output, OutputNames);
        if (input is null) told.Add(ScriptCodes.NoInput, image.Where, $"{Wording.Quote(image.Name)} is taken for the input.", "Say another: --input NAME.");
        if (result is null) told.Add(ScriptCodes.NoInput, new Location(fileName), "No argument takes the place of the result: all files that it leaves where it is started are results.", "Say which does: --result NAME.");
        else if (output is null) told.Add(ScriptCodes.NoInput, result.Where, $"{Wording.Quote(result.Name)} is taken for the place of the result.", "Say another: --result NAME.");

        var script = Path.GetFileName(fileName);
        var port = ReservedNames.IsReserved(image.Name) ? "image" : image.Name;
        var (outputs, place) = Result(result);
        var variables = new List<Variable>();
        var tokens = new List<string> { isR ? "Rscript" : "python3", Sources.Literal(script) };
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        // Options stand before positional arguments. A list of values would swallow what is behind it, so a list option is not the last of the options,
        // or “--” ends it.
        var ordered = arguments.OrderBy(argument => argument.IsPositional).ThenBy(argument => argument.Variable is { Type: VariableType.List, Repeat: false, MinItems: null } ? 0 : 1).ToList();
        foreach (var argument in ordered)
        {
            if (!isR && argument == ordered.Find(first => first.IsPositional) && ordered.FindLast(option => !option.IsPositional) is { Variable: { Type: VariableType.List, Repeat: false, MaxItems: null } }) tokens.Add("--");
            if (argument == image) { tokens.Add(Sources.Name(port)); continue; }
            if (argument == result) { if (argument.Flag is { } flag) tokens.Add(Sources.Literal(flag)); tokens.Add(place); continue; }
            var name = argument.Name == port || ReservedNames.IsReserved(argument.Name) ? argument.Name + "_value" : argument.Name;
            names[argument.Name] = name;
            variables.Add(argument.Variable with { Name = name });
            tokens.Add(Sources.Name(name));
        }
        return new Algorithm
        {
            Name = NameBook.Title(Path.GetFileNameWithoutExtension(script)),
            Description = description is null ? "" : string.Join(' ', description.Split((char[])['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries)),
            Command = new CommandTemplate([.. tokens.Select(Template.Parse)]),
            Inputs = [new InputPort(port, [], List: image.Variable.Type == VariableType.List, Directory: IsDirectory(image.Name)) { Flag = image.Flag, Repeat = image.Variable.Repeat }],
            Outputs = [outputs],
            Variables = variables,
            Rules = [.. Rules(arguments, names, variables, told)],
            Workdir = result is null ? Template.Parse("${out}") : null,
            Files = [script, .. modules],
        };
    }

    private static ScriptArgument? Pick(List<ScriptArgument> arguments, string? wanted, string[] usual) =>
        wanted is not null ? arguments.Find(argument => argument.Name == wanted)
        : usual.Select(name => arguments.Find(argument => argument.Name == name && argument.Variable.Type != VariableType.Flag)).FirstOrDefault(argument => argument is not null);

    private static bool IsDirectory(string name) => name.EndsWith("dir", StringComparison.Ordinal) || name.EndsWith("directory", StringComparison.Ordinal) || name.EndsWith("folder", StringComparison.Ordinal);

    private static (OutputPort, string) Result(ScriptArgument? result)
    {
        if (result is null || IsDirectory(result.Name) || result.Name is "results") return (new OutputPort("files", Template.Parse("**")), "${out}");
        // Its default tells which kind of file it is.
        var extension = result.Variable.Default?.Text is { } usual && Path.GetExtension(usual) is { Length: > 1 } known ? known : ".tif";
        return (new OutputPort("result", Template.Parse("${stem}_result" + Sources.Literal(extension))), "${out}/${stem}_result" + Sources.Literal(extension));
    }

    private static IEnumerable<VariableRule> Rules(List<ScriptArgument> arguments, Dictionary<string, string> names, List<Variable> variables, ProblemList told)
    {
        foreach (var group in arguments.Where(argument => argument.Group.Length > 0 && names.ContainsKey(argument.Name)).GroupBy(argument => argument.Group))
        {
            var members = group.Select(argument => names[argument.Name]).ToList();
            if (members.Count < 2) continue;
            if (variables.Find(variable => members.Contains(variable.Name) && variable.Default is not null) is { } usual)
                told.Add(ScriptCodes.NotSupported, group.First().Where, $"The script takes only one of {Wording.AnyOf(members)}; that is not checked, since {Wording.Quote(usual.Name)} has a default.");
            else yield return new VariableRule(group.Key[0] == '!' ? RuleKind.OneOf : RuleKind.AtMostOne, members);
        }
    }
}
