using System.Diagnostics;
using System.Text.Json;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms.Importing;

/// <summary>An imported descriptor runs what Boutiques' own simulation says that it would run: recorded facts, with their source, in Foreign/boutiques/commands.txt.</summary>
public sealed class BoutiquesCommandTests
{
    private static readonly string[] Shells = ["shell"];

    public static TheoryData<string, string, string> Facts()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var line in File.ReadLines(Path.Combine(ImportTests.Folder, "boutiques/commands.txt")).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var parts = line.Split(" | ", 3);
            data.Add(parts[0], parts[1], JsonDocument.Parse(parts[2]).RootElement.GetString()!);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void The_command_is_the_one_that_boutiques_makes(string name, string invocation, string recorded)
    {
        var scope = Scope(name, invocation);
        if (Shells.Contains(name))
        {
            var ours = Run(scope.Arguments(), scope.Environment());
            var theirs = Run(["/bin/sh", "-c", recorded], new Dictionary<string, string>());
            ours.ShouldBe(theirs);
            ours.ShouldContain("l");
            return;
        }
        // A shell would take the redirections away; ours are keys of the descriptor.
        var words = CommandSplitter.Split(recorded.Replace("$", "$$", StringComparison.Ordinal).Replace(" < ", " '<' ", StringComparison.Ordinal).Replace(" > ", " '>' ", StringComparison.Ordinal).Replace(" 2> ", " '2>' ", StringComparison.Ordinal), out var flaw);
        flaw.ShouldBeNull();
        var streams = new[] { ("<", scope.Algorithm.Stdin), (">", scope.Algorithm.Stdout), ("2>", scope.Algorithm.Stderr) }.Where(stream => stream.Item2 is not null).SelectMany(stream => (string[])[stream.Item1, Plain(stream.Item2!.Expand(scope.Text)!)]);
        string.Join('\n', scope.Arguments().Select(Plain).Concat(streams)).ShouldBe(string.Join('\n', words!.Select(word => Template.Parse(word).Expand(_ => null))));
    }

    [Fact]
    public void The_facts_hold_every_way_in_which_a_value_stands_in_a_command() => Facts().Count.ShouldBeGreaterThan(16);

    private static CommandScope Scope(string name, string invocation)
    {
        var algorithm = ImportTests.Import($"boutiques/{name}.json").Value.ShouldNotBeNull();
        var inputs = new Dictionary<string, IReadOnlyList<string>>();
        var values = new Dictionary<string, VariableValue>();
        var problems = new ProblemList();
        foreach (var entry in ((MapNode)DocumentReader.Read(invocation, "i.json").ShouldBeRead()).Entries)
        {
            var id = entry.Key == "cpu" ? "cpu_value" : entry.Key;
            if (algorithm.Inputs.Any(port => port.Name == id)) inputs[id] = [((ScalarNode)entry.Value).Text];
            else values[id] = VariableValues.Read(algorithm.Variables.First(variable => variable.Name == id), entry.Value, problems)!;
        }
        problems.Sorted().ShouldBeEmpty();
        return CommandPreview.Scope(algorithm, values, inputs).ShouldBeRead();
    }

    /// <summary>Where files lie differs, and only that: Boutiques names them from the folder that it was started in.</summary>
    private static string Plain(string argument)
    {
        foreach (var place in (string[])["/in/image/", "/in/text/", "/in/moving/", "/ref/atlas/", "/ref/model/", "/ref/mask/", "/ref/paths/", "/out/"]) argument = argument.Replace(place, "", StringComparison.Ordinal);
        return argument;
    }

    /// <summary>What it writes to standard output and into files.</summary>
    private static string Run(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var folder = Directory.CreateTempSubdirectory("yunpipe-shell-").FullName;
        try
        {
            var start = new ProcessStartInfo(arguments[0], arguments.Skip(1)) { WorkingDirectory = folder, RedirectStandardOutput = true };
            foreach (var (name, value) in environment) start.Environment[name] = Plain(value);
            using var process = Process.Start(start)!;
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text + string.Concat(Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(file => $"== {Path.GetFileName(file)}\n{File.ReadAllText(file)}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
