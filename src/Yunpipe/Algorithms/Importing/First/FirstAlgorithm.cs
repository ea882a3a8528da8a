using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Algorithms.Importing.First;

/// <summary>The algorithm JSON of the first Yunpipe. It split <c>run_command</c> at white space, put the input's path for <c>$input</c> and
/// <c>Result-NAME-FILE</c> in the output folder for <c>$output</c>; a result that was a folder was zipped.</summary>
internal static class FirstAlgorithm
{
    /// <summary>What its own wrapper added for itself.</summary>
    private static readonly string[] OwnVariables = ["output_s3_name", "sqs", "LOG_LVL", "NAME", "AWS_DEFAULT_REGION", "AWS_DEFAULT_OUTPUT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

    public static Algorithm? Import(MapNode map, ImportNotes notes)
    {
        var fields = ForeignMap.Of(map, "the algorithm", notes);
        var name = fields.RequiredText("name");
        var title = NameBook.Title(name);
        if (title != name && name.Length > 0) notes.Told.Add(ImportCodes.Renamed, fields.Place("name"), $"{Wording.Quote(name)} is called {Wording.Quote(title)} here.");
        var command = Command(fields, title, out var usesInput, out var usesOutput);
        var (variables, environment) = Variables(fields);
        var (input, output) = (Folder(fields, "input_file_path"), Folder(fields, "output_file_path"));
        var algorithm = new Algorithm
        {
            Name = title,
            Image = fields.Text("container_name"),
            Command = command,
            Inputs = [new InputPort(Item.DefaultPart, [], Path: usesInput ? null : input is null ? null : input + "/")],
            Outputs = [new OutputPort("result", Template.Parse(usesOutput ? $"Result-{title}-${{{Item.DefaultPart}.name}}" : output is null ? "**" : output + "/*"))],
            Variables = variables,
            Environment = environment,
            Resources = Resources(fields),
        };
        if (!usesInput && input is null) notes.Wrong(fields.Place("run_command"), "The command has no $input, and no folder says where the input lies.");
        if (!usesOutput && output is null) notes.NotCarried(fields.Place("output_file_path"), "the command has no $output and writes into the root of the container: results are looked for in ${out}.");
        fields.LeaveOut("since any base system will do now", "system");
        fields.LeaveOut("since the command names it", "executable_path");
        if (fields.Text("instance_type") is { Length: > 0 } type) notes.LeftOut(fields.Place("instance_type"), $"the instance type {Wording.Quote(type)}: machines are chosen by what a job asks for.");
        foreach (var port in fields.List("port"))
            notes.NotCarried(port.Where, "an open port: jobs are not reached from outside.");
        fields.Rest();
        return algorithm;
    }

    private static CommandTemplate Command(ForeignMap fields, string title, out bool usesInput, out bool usesOutput)
    {
        (usesInput, usesOutput) = (false, false);
        var line = fields.RequiredText("run_command");
        if (line.Length == 0) return new CommandTemplate([]);
        var tokens = new List<Template>();
        // “$input” stays “$input” in here: what the splitter leaves is a template of ours.
        var words = CommandSplitter.Split(line, out var flaw) ?? [];
        foreach (var word in words)
        {
            var source = new System.Text.StringBuilder();
            foreach (var piece in Parse(word, fields))
                if (!piece.IsName) source.Append(Sources.Literal(piece.Text));
                else if (piece.Text == "input") { usesInput = true; source.Append($"${{{Item.DefaultPart}}}"); }
                else if (piece.Text == "output") { usesOutput = true; source.Append($"${{out}}/Result-{title}-${{{Item.DefaultPart}.name}}"); }
                else source.Append(CultureInfo.InvariantCulture, $"$${{{piece.Text}}}");
            tokens.Add(Template.Parse(source.ToString()));
        }
        if (flaw is not null) fields.Notes.Wrong(fields.Place("run_command"), flaw);
        return new CommandTemplate(tokens);
    }

    private static IReadOnlyList<TemplatePiece> Parse(string word, ForeignMap fields)
    {
        try
        {
            return Template.Parse(word).Pieces;
        }
        catch (FormatException error)
        {
            fields.Notes.Wrong(fields.Place("run_command"), error.Message);
            return [];
        }
    }

    private static (IReadOnlyList<Variable>, IReadOnlyDictionary<string, Template>) Variables(ForeignMap fields)
    {
        var variables = new List<Variable>();
        var environment = new Dictionary<string, Template>(StringComparer.Ordinal);
        var names = new NameBook(fields.Notes);
        names.Take(Item.DefaultPart, default);
        foreach (var node in fields.List("user_specified_environment_variables"))
        {
            var entry = ForeignMap.Of(node, "an environment variable", fields.Notes);
            var (name, required) = (entry.RequiredText("name"), entry.Flag("required"));
            entry.Rest();
            if (name.Length == 0 || environment.ContainsKey(name)) continue;
            if (OwnVariables.Contains(name)) { fields.Notes.LeftOut(entry.Where, $"{Wording.Quote(name)}, which was the first Yunpipe's own."); continue; }
            if (!Sources.IsEnvironmentName(name)) { fields.Notes.NotCarried(entry.Where, $"{Wording.Quote(name)}, which cannot be the name of an environment variable."); continue; }
            var variable = names.Take(name, entry.Where);
            variables.Add(new Variable { Name = variable, Required = required });
            environment[name] = Template.Parse($"${{{variable}}}");
        }
        return (variables, environment);
    }

    /// <summary>Without its last slash; null for the root of the container, and where nothing is said.</summary>
    private static string? Folder(ForeignMap fields, string key)
    {
        if (fields.Text(key) is not { Length: > 0 } path || path.Trim('/').Length == 0) return null;
        if (PortReader.AbsoluteFlaw(path) is not { } flaw) return path.TrimEnd('/');
        fields.Notes.NotCarried(fields.Place(key), $"the folder {Wording.Quote(path)}, which {flaw}.");
        return null;
    }

    /// <summary>Memory in MiB; processors as a number or as a map of the same form.</summary>
    private static Resources Resources(ForeignMap fields)
    {
        var usual = new Resources();
        var (least, usually) = Sizes(fields, "memory");
        var (fewest, cores) = Sizes(fields, "CPU");
        var cpu = cores ?? fewest;
        if (cpu is < 0.01m or > 1024) { fields.Notes.NotCarried(fields.Place("CPU"), $"{cpu} processors."); cpu = null; }
        var (minimum, suggested) = (Memory(least), Memory(usually ?? least));
        return usual with { Cpu = (double)(cpu ?? (decimal)usual.Cpu), MemoryMinimum = minimum, MemorySuggested = suggested < minimum ? minimum : suggested };
    }

    private static ByteSize Memory(decimal? mib) => mib is >= 1 and < 1_000_000_000 ? ByteSize.MiB((double)mib) : default;

    private static (decimal? Minimal, decimal? Suggested) Sizes(ForeignMap fields, string key)
    {
        if (fields.Node(key) is not MapNode map) return (null, fields.Number(key));
        var sizes = ForeignMap.Of(map, Wording.Quote(key), fields.Notes);
        var both = (sizes.Number("minimal"), sizes.Number("suggested"));
        sizes.Rest();
        return both;
    }
}
