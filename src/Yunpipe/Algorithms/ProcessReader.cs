using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Algorithms;

/// <summary>What a process finds when it starts: working directory, standard streams, configuration files.</summary>
internal sealed class ProcessReader(Fields algorithm)
{
    private readonly ProblemList _problems = algorithm.Problems;

    /// <summary>Templates that name files of the job, with their places; their placeholders are checked as those of outputs are.</summary>
    public List<(Template Path, Location Where)> Paths { get; } = [];

    /// <summary>Templates with the placeholders of a command's texts.</summary>
    public List<(Template Text, Location Where)> Texts { get; } = [];

    public Algorithm Read(Algorithm before) => before with
    {
        Workdir = Workdir(), Stdin = Stdin(), Stdout = Stream("stdout"), Stderr = Stream("stderr"), Configs = Configs(),
    };

    private Template? Workdir()
    {
        if (algorithm.Node("workdir") is not { } node || TemplateReader.Read(node, "workdir", _problems) is not { } template) return null;
        var flaw = template.OnlyName is "out" or "tmp" ? null
            : template.Names.Any() ? "is neither “${out}” nor “${tmp}” nor an absolute place inside the container" : PortReader.AbsoluteFlaw(template.Source);
        if (flaw is null) return template;
        _problems.Add(AlgorithmCodes.BadPath, node.Where, $"The working directory {Wording.Quote(template.Source)} {flaw}.", "Write “${out}” for programs that leave their results where they are started.");
        return null;
    }

    private Template? Stdin()
    {
        if (algorithm.Node("stdin") is not { } node || TemplateReader.Read(node, "stdin", _problems) is not { } template) return null;
        Texts.Add((template, node.Where));
        return template;
    }

    private Template? Stream(string key) => algorithm.Node(key) is { } node ? PathOf(node, key) : null;

    private List<ConfigFile> Configs()
    {
        var configs = new List<ConfigFile>();
        foreach (var entry in algorithm.Entries("configs"))
        {
            NameRule.Check(entry, "a configuration file", _problems);
            var fields = Fields.Of(entry.Value, "a configuration file", _problems);
            var path = fields.Required("path", "Say what it is called: path: settings.ini.") is { } node ? PathOf(node, "path") : null;
            var lines = new List<Template>();
            foreach (var line in fields.Required("lines", "Write its lines as a list of texts.") is null ? [] : fields.List("lines"))
            {
                var text = line is ScalarNode { IsNull: true } ? Template.Parse("") : TemplateReader.Read(line, "lines", _problems);
                if (text is null) continue;
                lines.Add(text);
                Texts.Add((text, line.Where));
            }
            fields.Done();
            if (path is not null) configs.Add(new ConfigFile(entry.Key, path, lines));
        }
        foreach (var same in configs.GroupBy(config => config.Path).Where(group => group.Count() > 1))
            _problems.Add(AlgorithmCodes.Contradiction, algorithm.Place("configs"), $"The configuration files {Wording.AllOf(same.Select(config => config.Name))} have the same path.");
        return configs;
    }

    /// <summary>A name inside the job's folder.</summary>
    private Template? PathOf(DocumentNode node, string key)
    {
        if (TemplateReader.Read(node, key, _problems) is not { } template) return null;
        var shape = template.Expand(_ => "x") ?? "";
        if (shape.StartsWith('/') || template.Names.Contains("out") || shape.Contains('*') || ItemKey.Flaw(shape) is not null)
        {
            _problems.Add(AlgorithmCodes.BadPath, node.Where, $"{Wording.Quote(template.Source)} is not the name of a file in the job's folder.", "It is relative, without ${out} and without “*”: results.txt.");
            return null;
        }
        Paths.Add((template, node.Where));
        return template;
    }
}
