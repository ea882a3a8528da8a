using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>Reads the descriptor of an algorithm (docs/reference/algorithm.md), JSON or YAML, and reports everything that is wrong with it.</summary>
public static class AlgorithmReader
{
    /// <summary>More is no algorithm; the checks below compare names with names, and stay quick within this.</summary>
    public const int MaxEntries = 20_000;

    /// <summary>Reads a file; relative paths in it start at its folder.</summary>
    public static Reading<Algorithm> Read(string path)
    {
        return Read(DocumentReader.ReadFile(path), path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? "");
    }

    /// <summary>Reads text, for example from the label of a wrapped image.</summary>
    /// <param name="fileName">What problems call it.</param>
    /// <param name="directory">Where relative paths in it start; empty where there is no such place.</param>
    public static Reading<Algorithm> Read(string text, string fileName, string directory)
    {
        return Read(DocumentReader.Read(text, fileName), fileName, directory);
    }

    /// <summary>Reads what <see cref="DocumentReader"/> gave, and adds to its problems.</summary>
    public static Reading<Algorithm> Read(Reading<DocumentNode> document, string fileName, string directory)
    {
        if (document.Value is not { } node || document.Problems.Count > ProblemList.Kept) return new Reading<Algorithm>(null, document.Problems);
        var problems = new ProblemList();
        problems.AddRange(document.Problems);
        return Read(node, fileName, directory, problems);
    }

    /// <summary>Reads a node, for an algorithm that stands inside another document.</summary>
    public static Reading<Algorithm> Read(DocumentNode node, string fileName, string directory) => Read(node, fileName, directory, new ProblemList());

    private static Reading<Algorithm> Read(DocumentNode node, string fileName, string directory, ProblemList problems)
    {
        var fields = Fields.Of(node, "an algorithm", problems);
        if (node is not MapNode)
        {
            if (node.IsNull) problems.Add(DocumentCodes.Empty, new Location(fileName), "The file is empty.");
            return problems.ToReading<Algorithm>(null);
        }
        if (node.Count() is var count && count > MaxEntries)
        {
            problems.Add(DocumentCodes.TooLarge, new Location(fileName), $"An algorithm has at most {MaxEntries:N0} entries, and this has {count:N0}.", "Is it the right file?");
            return problems.ToReading<Algorithm>(null);
        }
        var outputs = new List<(OutputPort Port, Location Where)>();
        var tokens = new List<(Template Token, Location Where)>();
        var environment = new List<(string Name, Template Value, Location Where)>();
        Command(fields, tokens);
        Environment(fields, environment);

        var variables = VariableReader.Read(fields);
        var algorithm = new Algorithm
        {
            Name = fields.RequiredText("name"),
            Version = fields.Text("version") ?? "",
            Description = fields.Text("description") ?? "",
            Image = Image(fields),
            Command = new CommandTemplate([.. tokens.Select(entry => entry.Token)]),
            Inputs = PortReader.Inputs(fields),
            Outputs = PortReader.Outputs(fields, outputs),
            Variables = variables,
            Rules = VariableReader.Rules(fields, variables),
            Resources = ResourcesReader.Read(fields.Node("resources"), new Resources(), problems),
            ExitCodes = ExitCodeReader.Read(fields),
            Environment = environment.ToDictionary(entry => entry.Name, entry => entry.Value, StringComparer.Ordinal),
            Isolation = fields.Word("isolation", Isolation.Worker, AlgorithmWords.Isolations),
            Network = fields.Flag("network", false),
            Files = Files(fields),
            Retry = RetryReader.Read(fields.Node("retry"), RetryPolicy.Default, problems),
            Directory = directory,
            Source = fields.Where,
        };
        var process = new ProcessReader(fields);
        algorithm = process.Read(algorithm);
        algorithm = algorithm with { Tests = TestReader.Read(fields, algorithm) };
        // Editors find the schema by this key; it means nothing to a run.
        fields.Ignore("$schema");
        fields.Done();

        if (algorithm.Name.Length > 0 && NameRule.TitleFlaw(algorithm.Name) is { } flaw)
            problems.Add(AlgorithmCodes.BadName, fields.Place("name"), $"{Wording.Quote(algorithm.Name)} cannot be the name of an algorithm.", flaw);
        Duplicates(algorithm, fields);
        var placeholders = new PlaceholderCheck(algorithm, problems);
        foreach (var (token, where) in tokens) placeholders.Command(token, where);
        foreach (var (_, value, where) in environment) placeholders.Environment(value, where);
        foreach (var (port, where) in outputs) placeholders.Output(port.Path, where);
        foreach (var (path, where) in process.Paths) placeholders.Output(path, where);
        foreach (var (text, where) in process.Texts) placeholders.Environment(text, where);
        // A command that could not be read uses nothing, and that is said already.
        if (tokens.Count > 0) placeholders.Unused((key, name) => (fields.Node(key) as MapNode)?.Entry(name)?.Where ?? fields.Place(key));
        return problems.ToReading(algorithm);
    }

    private static void Command(Fields fields, List<(Template, Location)> tokens)
    {
        const string Advice = "Write it as a list of arguments: [program, \"${image}\"].";
        var problems = fields.Problems;
        if (fields.Required("command", Advice) is not { } command) return;
        if (command is MapNode)
        {
            problems.Add(DocumentCodes.WrongKind, command.Where, "“command” wants a list of arguments, and this is a map.", Advice);
            return;
        }
        if (command is ScalarNode line)
        {
            if (CommandSplitter.Split(line.Text, out var flaw) is { } words)
                foreach (var word in words) Add(word, line.Where);
            else problems.Add(AlgorithmCodes.BadCommand, line.Where, flaw!, flaw!.Contains("shell", StringComparison.Ordinal) ? "Quote it, or call the shell yourself: [sh, -c, \"…\"]." : null);
        }
        foreach (var item in (command as ListNode)?.Items ?? [])
        {
            if (item is ScalarNode { IsNull: false } token) Add(token.Text, token.Where);
            else problems.Add(AlgorithmCodes.BadCommand, item.Where, $"An argument is text, and this is {item.Kind}.", item.IsNull ? "Write an empty argument as \"\"." : null);
        }
        if (command is ListNode { Items.Count: 0 } || command is ScalarNode { Text: var text } && string.IsNullOrWhiteSpace(text))
            problems.Add(AlgorithmCodes.BadCommand, command.Where, "The command is empty.", Advice);
        else if (tokens.Count > 0 && tokens[0].Item1.Source.Length == 0) problems.Add(AlgorithmCodes.BadCommand, command.Where, "The program's name is empty.");

        void Add(string text, Location where)
        {
            if (TemplateReader.Parse(text, where, problems) is { } template) tokens.Add((template, where));
        }
    }

    private static void Environment(Fields fields, List<(string, Template, Location)> environment)
    {
        foreach (var entry in fields.Entries("environment"))
        {
            var name = entry.Key;
            if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                fields.Problems.Add(AlgorithmCodes.BadName, entry.Where, $"{Wording.Quote(name)} cannot be the name of an environment variable.", "It holds letters, digits and “_”.");
            else if (name.StartsWith("YUNPIPE_", StringComparison.Ordinal))
                fields.Problems.Add(AlgorithmCodes.BadName, entry.Where, $"{Wording.Quote(name)} is not free: names that start with YUNPIPE_ are Yunpipe's own.");
            if (entry.Value.IsNull) environment.Add((name, Template.Parse(""), entry.Where));
            else if (TemplateReader.Read(entry.Value, name, fields.Problems) is { } value) environment.Add((name, value, entry.Value.Where));
        }
    }

    private static string? Image(Fields fields)
    {
        var image = fields.Text("image");
        if (image is not null && (image.Length == 0 || image.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))))
            fields.Problems.Add(DocumentCodes.BadValue, fields.Place("image"), $"{Wording.Quote(image)} is not the name of an image.", "It looks like registry/lab/nuclei:1.2.");
        return image;
    }

    private static IReadOnlyList<string> Files(Fields fields)
    {
        var files = fields.Texts("files");
        foreach (var file in files)
            if (file.Length == 0 || Path.IsPathRooted(file))
                fields.Problems.Add(AlgorithmCodes.BadPath, fields.Place("files"), $"{Wording.Quote(file)} is not a relative path.", "Files are named relative to this one.");
        return files;
    }

    /// <summary>Inputs and variables share <c>${…}</c>. An output may be called as an input is: one item's “image” becomes the next one's.</summary>
    private static void Duplicates(Algorithm algorithm, Fields fields)
    {
        foreach (var variable in algorithm.Variables)
        {
            var other = algorithm.Inputs.Any(input => input.Name == variable.Name) ? "an input" : algorithm.Outputs.Any(output => output.Name == variable.Name) ? "an output" : null;
            if (other is not null)
                fields.Problems.Add(AlgorithmCodes.DuplicateName, (fields.Node("variables") as MapNode)?.Entry(variable.Name)?.Where ?? fields.Where,
                    $"{Wording.Quote(variable.Name)} is {other} and a variable.", "Call one of them differently.");
        }
        foreach (var config in algorithm.Configs)
            if (algorithm.Inputs.Any(input => input.Name == config.Name) || algorithm.Variables.Any(variable => variable.Name == config.Name))
                fields.Problems.Add(AlgorithmCodes.DuplicateName, fields.Place("configs"), $"{Wording.Quote(config.Name)} is a configuration file, and an input or a variable.", "Call one of them differently.");
    }
}
