using System.Text.RegularExpressions;

namespace Yunpipe.Toolbox.Tests;

/// <summary>The descriptors beside the verbs, expanded here in the plainest way: defaults for variables, files for inputs.</summary>
public sealed partial class DescriptorTests : Bench
{
    private static string Folder => Path.Combine(Repository(), "src", "Yunpipe.Toolbox", "algorithms");

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_command_of_each_descriptor_runs_with_its_defaults_and_makes_its_outputs(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name + ".yaml"));
        text.ShouldStartWith($"name: {name}\nversion: ");
        var values = Defaults().Matches(text).Where(match => !match.Value.Contains("type: flag", StringComparison.Ordinal))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value.Trim('"'));
        var image = Synth("--count", "1", "--cells", "5", "--size", "160x160").Single().Path;
        Succeed("segment", "--image", image, "--out", In("labels.tif"));
        File.WriteAllText(In("list.csv"), $"path,key\n{(name == "concat" ? "synth/truth.csv" : "synth/cells-001.tif")},a\n");
        (values["image"], values["labels"], values["field"]) = (image, In("labels.tif"), image);
        (values["images.table"], values["rows.table"], values["out"], values["stem"]) = (In("list.csv"), In("list.csv"), In("out"), "a b");

        var command = Command().Match(text).Groups["tokens"].Value.Split(", ").Select(token => token.Trim('"')).ToArray();
        command[0].ShouldBe("yunpipe-toolbox");
        Succeed([.. command.Skip(1).Where(token => token is not ("${clearBorder}" or "${grey}")).Select(Expand)]);
        foreach (Match output in Outputs().Matches(text))
            File.Exists(In("out/" + Expand(output.Groups["path"].Value))).ShouldBeTrue();

        string Expand(string token) => Insertion().Replace(token, match => values[match.Groups["name"].Value]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_variable_of_a_descriptor_has_the_default_of_its_option(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name + ".yaml"));
        var help = Regex.Replace(Succeed(name, "--help"), @"\s+", " ");
        foreach (Match variable in Defaults().Matches(text))
        {
            var (variableName, standard) = (variable.Groups["name"].Value, variable.Groups["value"].Value.Trim('"'));
            if (variableName == "format" || variable.Value.Contains("type: flag", StringComparison.Ordinal))
                continue;
            var option = Regex.Replace(variableName, "[A-Z]", match => "-" + match.Value.ToLowerInvariant());
            Regex.IsMatch(help, $@"--{option} ((?! --).)*\[default: {Regex.Escape(standard)}\]").ShouldBeTrue($"--{option} [default: {standard}]");
        }
    }

    [GeneratedRegex(@"^command: \[(?<tokens>.*)\]$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"^  (?<name>\w+): \{type: .*?default: (?<value>""[^""]*""|[^,}]*)", RegexOptions.Multiline)]
    private static partial Regex Defaults();

    [GeneratedRegex(@"(?<=^outputs:\n)  \w+: ""(?<path>[^""]*)""$", RegexOptions.Multiline)]
    private static partial Regex Outputs();

    [GeneratedRegex(@"\$\{(?<name>[\w.]+)\}")]
    private static partial Regex Insertion();
}
