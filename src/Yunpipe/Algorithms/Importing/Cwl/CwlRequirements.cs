using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Cwl;

/// <summary>Requirements and hints: image, resources, environment, initial files, limits.</summary>
internal sealed class CwlRequirements(ForeignMap tool, CwlReferences references, NameBook configNames, ImportNotes notes)
{
    private Algorithm _algorithm = null!;

    /// <summary>Named types, which are wanted before anything else is read.</summary>
    public static void Define(ForeignMap tool, CwlTypes types)
    {
        foreach (var (name, body, _) in All(tool))
            if (name == "SchemaDefRequirement")
                foreach (var type in CwlNames.Entries(body["types"], "name")) types.Define(CwlNames.Short(type.Key), type.Value);
    }

    public Algorithm Apply(Algorithm algorithm)
    {
        _algorithm = algorithm;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, body, isHint) in All(tool))
        {
            // A requirement stands before the hints and wins over a hint of its class.
            if (seen.Add(name)) Apply(name, ForeignMap.Of(body, name, notes), isHint);
        }
        return _algorithm;
    }

    private static IEnumerable<(string Name, MapNode Body, bool IsHint)> All(ForeignMap tool)
    {
        foreach (var key in (string[])["requirements", "hints"])
            foreach (var entry in CwlNames.Entries(tool.Node(key), "class"))
                if (entry.Value is MapNode map) yield return (CwlNames.Short(entry.Key), map, key == "hints");
                else yield return (entry.Key, new MapNode([], entry.Where), key == "hints");
    }

    private void Apply(string name, ForeignMap body, bool isHint)
    {
        _ = body.Node("class");
        switch (name)
        {
            case "DockerRequirement": Docker(body); break;
            case "ResourceRequirement": Resources(body); break;
            case "EnvVarRequirement": Environment(body); break;
            case "InitialWorkDirRequirement": Initial(body); break;
            case "ToolTimeLimit" when body.Node("timelimit") is ScalarNode limit && !CwlReferences.IsExpression(limit.Text) && body.Number("timelimit") is >= 0 and < 10_000_000 and var seconds:
                _algorithm = _algorithm with { Resources = _algorithm.Resources with { Timeout = TimeSpan.FromSeconds((double)seconds) } };
                break;
            case "NetworkAccess" when body.Node("networkAccess") is ScalarNode { Text: "true" or "false" } access: _algorithm = _algorithm with { Network = access.Text == "true" }; break;
            case "InlineJavascriptRequirement":
                body.NotCarried("expressionLib", "since JavaScript is not run here");
                break;
            case "SchemaDefRequirement": _ = body.Node("types"); break;
            case "ShellCommandRequirement": notes.LeftOut(body.Where, "the shell: the command is started without one."); break;
            case "SoftwareRequirement": notes.LeftOut(body.Where, "the names of software, which the image brings."); return;
            default:
                if (isHint) notes.LeftOut(body.Where, $"the hint {Wording.Quote(name)}.");
                else notes.NotCarried(body.Where, $"the requirement {Wording.Quote(name)}.");
                return;
        }
        body.Rest();
    }

    private void Docker(ForeignMap body)
    {
        var image = body.Text("dockerPull") ?? body.Text("dockerImageId");
        if (image is not null && (image.Length == 0 || image.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))) notes.Wrong(body.Where, $"{Wording.Quote(image)} is not the name of an image.");
        else _algorithm = _algorithm with { Image = image };
        foreach (var key in (ReadOnlySpan<string>)["dockerLoad", "dockerFile", "dockerImport"]) body.NotCarried(key, "since images are pulled by their names");
        body.NotCarried("dockerOutputDirectory", "since outputs have their place already");
        _ = body.Node("dockerImageId");
    }

    private void Resources(ForeignMap body)
    {
        decimal? Number(string key)
        {
            if (body.Node(key) is not ScalarNode text || !CwlReferences.IsExpression(text.Text)) return body.Number(key);
            body.NotCarried(key, "which is computed");
            return null;
        }
        var resources = _algorithm.Resources;
        var (cores, most) = (Number("coresMin"), Number("coresMax"));
        if ((cores ?? most) is >= 0.01m and <= 1024 and var cpu) resources = resources with { Cpu = (double)cpu };
        var (least, usual) = (Number("ramMin"), Number("ramMax"));
        if ((least ?? usual) is >= 1 and < 1_000_000_000 and var mib)
            resources = resources with { MemoryMinimum = ByteSize.MiB((double)mib), MemorySuggested = ByteSize.MiB((double)Math.Max(mib, Math.Min(usual ?? mib, 1_000_000_000))) };
        var disk = (Number("tmpdirMin") ?? Number("tmpdirMax") ?? 0) + (Number("outdirMin") ?? Number("outdirMax") ?? 0);
        foreach (var key in (ReadOnlySpan<string>)["tmpdirMax", "outdirMax"]) _ = body.Node(key);
        if (disk is >= 1 and < 1_000_000_000) resources = resources with { Disk = ByteSize.MiB((double)disk) };
        _algorithm = _algorithm with { Resources = resources };
    }

    private void Environment(ForeignMap body)
    {
        var environment = new Dictionary<string, Template>(_algorithm.Environment, StringComparer.Ordinal);
        foreach (var entry in CwlNames.Entries(body.Node("envDef"), "envName"))
        {
            var value = entry.Value is MapNode map ? map["envValue"] as ScalarNode : entry.Value as ScalarNode;
            if (!Sources.IsEnvironmentName(entry.Key)) notes.NotCarried(entry.Where, $"{Wording.Quote(entry.Key)}, which cannot be the name of an environment variable here.");
            else if (value is not null && references.Convert(value.Text, value.Where, "the environment variable") is { } source) environment[entry.Key] = Template.Parse(source);
        }
        _algorithm = _algorithm with { Environment = environment };
    }

    /// <summary>Files whose text stands in the document become configuration files; what is staged by name has its path in the command instead.</summary>
    private void Initial(ForeignMap body)
    {
        var configs = new List<ConfigFile>();
        if (body.Node("listing") is { } node and not ListNode) notes.NotCarried(node.Where, "initial files that are computed.");
        foreach (var item in body.Node("listing") is ListNode list ? list.Items : [])
        {
            if (item is not MapNode map || map["entry"] is not ScalarNode entry || map["entryname"] is not ScalarNode name || IsInput(entry.Text))
            {
                notes.NotCarried(item.Where, "an initial file that is an input: inputs lie in a folder of their own, and ${name} is the path.");
                continue;
            }
            if ((map["writable"] as ScalarNode)?.Text == "true") notes.LeftOut(map.Where, "“writable”: a file that is written for the job may be written to.");
            if (references.Convert(name.Text, name.Where, "the name of an initial file") is not { } path || references.Convert(entry.Text, entry.Where, "the text of an initial file") is not { } text) continue;
            if (Items.ItemKey.Flaw(Template.Parse(path).Expand(_ => "x") ?? "") is { } flaw || path.Contains('*')) { notes.NotCarried(name.Where, $"the initial file {Wording.Quote(name.Text)}, which is no name in the job's folder."); continue; }
            var lines = text.Split('\n').Select(line => line.TrimEnd('\r')).ToList();
            if (lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
            configs.Add(new ConfigFile(configNames.Take(Template.Parse(path).Names.Any() ? "file" : Items.Stem.Of(path), name.Where), Template.Parse(path), [.. lines.Select(Template.Parse)]));
        }
        _algorithm = _algorithm with { Configs = configs };
    }

    /// <summary>A whole <c>$(inputs.x)</c> stages the file x itself.</summary>
    private static bool IsInput(string text) => text.Trim() is var whole && whole.StartsWith("$(inputs", StringComparison.Ordinal) && whole.IndexOf(')') == whole.Length - 1;
}
