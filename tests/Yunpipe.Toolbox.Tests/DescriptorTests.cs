using System.Text.RegularExpressions;
using Yunpipe.Algorithms;

namespace Yunpipe.Toolbox.Tests;

public sealed class DescriptorTests : Bench
{
    private static string Folder => Path.Combine(Repository(), "src", "Yunpipe.Toolbox", "algorithms");

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Folder, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_command_of_each_descriptor_runs_with_its_defaults_and_makes_its_outputs(string name)
    {
        var algorithm = Read(name);
        var image = Synth("--count", "1", "--cells", "5", "--size", "160x160").Single().Path;
        Succeed("segment", "--image", image, "--out", In("labels.tif"));
        File.WriteAllText(In("list.csv"), $"path,key\n{(name == "concat" ? "synth/truth.csv" : "synth/cells-001.tif")},a\n");
        var values = algorithm.Variables.ToDictionary(variable => variable.Name, variable => VariableValues.ToArguments(variable, variable.Default));
        foreach (var port in algorithm.Inputs)
            values[port.List ? port.Name + ".table" : port.Name] = CommandValue.Of(port.List ? In("list.csv") : port.Name == "labels" ? In("labels.tif") : image);
        (values["out"], values["stem"]) = (CommandValue.Of(In("out")), CommandValue.Of("a b"));

        var command = algorithm.Command.Expand(part => values[part]);
        command[0].ShouldBe("yunpipe-toolbox");
        Succeed([.. command.Skip(1)]);
        foreach (var output in algorithm.Outputs)
            File.Exists(In("out/" + output.Path.Expand(part => values[part]!.Text))).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_variable_of_a_descriptor_has_the_default_of_its_option(string name)
    {
        var help = Regex.Replace(Succeed(name, "--help"), @"\s+", " ");
        foreach (var variable in Read(name).Variables.Where(variable => variable.Type != VariableType.Flag && variable.Name != "format"))
        {
            var option = Regex.Replace(variable.Name, "[A-Z]", match => "-" + match.Value.ToLowerInvariant());
            Regex.IsMatch(help, $@"--{option} ((?! --).)*\[default: {Regex.Escape(variable.Default!.Text)}\]").ShouldBeTrue($"--{option} [default: {variable.Default.Text}]");
        }
    }

    private static Algorithm Read(string name)
    {
        var reading = AlgorithmReader.Read(Path.Combine(Folder, name + ".yaml"));
        reading.Problems.ShouldBeEmpty();
        reading.Value!.Name.ShouldBe(name);
        return reading.Value;
    }
}
