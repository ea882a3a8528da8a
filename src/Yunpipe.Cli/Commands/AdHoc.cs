using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>A workflow of one step out of a command line: <c>yunpipe run IMAGE -i in -o out -- cmd '${image}' '${out}/x.tif'</c>.</summary>
internal sealed record AdHoc(Algorithm Algorithm, IReadOnlyList<string> LocalFiles)
{
    private const string File = "algorithm.yaml", Where = "command";
    private static readonly Template Layout = Template.Parse("${path}");

    /// <summary>An algorithm with one input, “image”, whose outputs are all files that it leaves in <c>${out}</c>. A word that names a file here,
    /// such as a script, becomes a file variable, so that its content counts as part of the algorithm and a container sees it.</summary>
    public static Reading<AdHoc> Of(string? image, IReadOnlyList<string> command)
    {
        var variables = new List<Variable>();
        var words = new List<Template>();
        try
        {
            for (var i = 0; i < command.Count; i++)
                if (IsLocalFile(command[i], image, program: i == 0)) words.Add(Template.Parse(i == 0 ? Escaped(Path.GetFullPath(command[i])) : Variable(command[i], variables)));
                else words.Add(Template.Parse(command[i]));
        }
        catch (FormatException error)
        {
            return new(null, [new Problem(AlgorithmCodes.BadTemplate, error.Message, null, "Write a dollar as “$$”.")]);
        }
        var name = Name(image ?? command[0]);
        var algorithm = new Algorithm
        {
            Name = name, Image = image, Command = new CommandTemplate(words), Variables = variables,
            Inputs = [new InputPort("image", [])], Outputs = [new OutputPort("files", Template.Parse("**"))],
        };
        // Read back, what is wrong with it is told as for any other.
        var read = AlgorithmReader.Read(AlgorithmWriter.ToYaml(algorithm), Where, Path.GetFullPath("."));
        return read.Value is { } value && read.Ok
            ? new(new AdHoc(value with { Source = default }, [.. variables.Select(variable => variable.Default!.Text)]), [])
            : new(null, [.. read.Problems.Select(problem => problem with { Where = null })]);
    }

    public Reading<Plan> Plan() => Planner.Plan(new Workflow
    {
        Name = Algorithm.Name,
        Input = new InputSpec(),
        Steps = [new Step { Name = StepName, AlgorithmReference = File, Algorithm = Algorithm }],
        Output = new OutputSpec(null, Layout),
        Directory = Path.GetFullPath("."),
    });

    /// <summary>Writes both files. Running them finds what this command line has done.</summary>
    /// <returns>Null, or what stands in the way.</returns>
    public Problem? Save(string directory, string input, string output)
    {
        Directory.CreateDirectory(directory);
        string Relative(string path) => Path.GetRelativePath(directory, path) is var relative && (relative.StartsWith('/') || relative.StartsWith('.')) ? relative : "./" + relative;
        var portable = Algorithm with
        {
            Variables = [.. Algorithm.Variables.Select(variable => variable with { Default = VariableValue.Of(Relative(variable.Default!.Text)) })],
        };
        var workflow = DocumentWriter.ToYaml(Map(
            ("name", Text(Algorithm.Name)),
            ("input", Text(Relative(input))),
            ("steps", new ListNode([Map(("name", Text(StepName)), ("algorithm", Text("./" + File)))], default)),
            ("output", Map(("location", Text(Relative(output))), ("layout", Text(Layout.Source))))));
        foreach (var (name, text) in ((string, string)[])[(File, AlgorithmWriter.ToYaml(portable)), ("workflow.yaml", workflow)])
        {
            var path = Path.Combine(directory, name);
            if (System.IO.File.Exists(path) && System.IO.File.ReadAllText(path) != text)
                return new Problem("YP5004", $"{Wording.Quote(path)} is there already, and says something else.", null, "Save into another folder.");
            System.IO.File.WriteAllText(path, text);
        }
        return null;
    }

    private string StepName => Algorithm.Name.Replace('.', '-');

    /// <summary>Relative words are looked for here; absolute ones only where they do not name a place inside an image.</summary>
    private static bool IsLocalFile(string word, string? image, bool program)
    {
        if (word.Contains('$') || !(word.Contains('/') || word.Contains('.'))) return false;
        if (program && (image is not null || !word.Contains('/'))) return false;
        return (image is null || !Path.IsPathRooted(word)) && System.IO.File.Exists(word);
    }

    private static string Variable(string word, List<Variable> variables)
    {
        var name = variables.Count == 0 ? "file" : $"file{variables.Count + 1}";
        variables.Add(new Variable { Name = name, Type = VariableType.File, Default = VariableValue.Of(Path.GetFullPath(word)) });
        return $"${{{name}}}";
    }

    private static string Escaped(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    /// <summary>The last part of an image's or a program's name, as a name may be.</summary>
    private static string Name(string source)
    {
        var last = source.Split('@')[0].TrimEnd('/');
        last = last[(last.LastIndexOf('/') + 1)..].Split(':')[0];
        var name = string.Concat(last.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '-')).TrimStart('-', '.', '_');
        if (name.Length > NameRule.Longest) name = name[..NameRule.Longest];
        return name.Length == 0 || !char.IsAsciiLetter(name[0]) || name == InputSource.InputWord ? "run" : name;
    }

    private static MapNode Map(params (string Key, DocumentNode Value)[] entries) => new([.. entries.Select(entry => new MapEntry(entry.Key, default, entry.Value))], default);

    private static ScalarNode Text(string text) => new(text, true, default);
}
