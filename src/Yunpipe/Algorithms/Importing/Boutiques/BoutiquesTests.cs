using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>Tests: invocations with the exit code and the outputs that are expected.</summary>
internal static class BoutiquesTests
{
    public static IReadOnlyList<AlgorithmTest> Read(ForeignMap tool, Algorithm algorithm, BoutiquesInputs inputs, BoutiquesOutputs outputs, ImportNotes notes)
    {
        var tests = new List<AlgorithmTest>();
        foreach (var node in tool.List("tests"))
        {
            var test = ForeignMap.Of(node, "a test", notes);
            var name = test.RequiredText("name");
            var files = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
            var values = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
            var flaw = tests.Exists(other => other.Name == name) ? "two tests have this name" : null;
            foreach (var entry in test.Entries("invocation"))
            {
                if (inputs.Find(entry.Key) is not { } input) { notes.Wrong(entry.Where, $"{Wording.Quote(entry.Key)} is not an input."); continue; }
                if (algorithm.Inputs.FirstOrDefault(port => port.Name == input.Name) is { } port)
                {
                    var paths = (entry.Value is ListNode list ? list.Items : [entry.Value]).OfType<ScalarNode>().Select(item => item.Text).ToList();
                    if (paths.Exists(path => path.Length == 0 || Path.IsPathRooted(path) || path.Contains("://", StringComparison.Ordinal))) flaw ??= $"its file for {Wording.Quote(entry.Key)} is not relative to the descriptor";
                    files[port.Name] = paths;
                }
                else if (algorithm.Variables.FirstOrDefault(variable => variable.Name == input.Name) is { } variable && !entry.Value.IsNull)
                {
                    var problems = new ProblemList();
                    if (VariableValues.Read(variable, entry.Value, problems) is { } value) values[variable.Name] = value;
                    else flaw ??= problems.Sorted()[0].Message.TrimEnd('.');
                }
            }
            var (exit, expected) = Assertions(test, outputs, algorithm, notes);
            test.Rest();
            flaw ??= algorithm.Inputs.FirstOrDefault(port => port.Required && !files.ContainsKey(port.Name)) is { } missing ? $"it gives nothing to {Wording.Quote(missing.Name)}" : null;
            flaw ??= VariableValues.Resolve(algorithm, values, test.Where).Problems is [var first, ..] ? first.Message.TrimEnd('.') : null;
            if (flaw is null) tests.Add(new AlgorithmTest(name, files, values, exit, expected));
            else notes.NotCarried(test.Where, $"the test {Wording.Quote(name)}, since {flaw}.");
        }
        return tests;
    }

    private static (int Exit, IReadOnlyDictionary<string, string> Outputs) Assertions(ForeignMap test, BoutiquesOutputs outputs, Algorithm algorithm, ImportNotes notes)
    {
        var expected = new Dictionary<string, string>(StringComparer.Ordinal);
        if (test.Node("assertions") is not { } node) return (0, expected);
        var assertions = ForeignMap.Of(node, "the assertions", notes);
        var exit = assertions.Number("exit-code") is >= 0 and <= 255 and var code ? (int)code : 0;
        foreach (var file in assertions.List("output-files"))
        {
            var output = ForeignMap.Of(file, "an expected output", notes);
            var id = output.RequiredText("id");
            output.NotCarried("md5-reference", "since outputs are compared by SHA-256", "yunpipe algorithm test --update learns the digest.");
            output.Rest();
            if (outputs.Find(id) is not { } known) notes.Wrong(output.Where, $"{Wording.Quote(id)} is not an output.");
            else if (algorithm.Outputs.Any(port => port.Name == known.Name)) expected[known.Name] = TestReader.Present;
            else notes.NotCarried(output.Where, $"the expected output {Wording.Quote(id)}, which is not an output here.");
        }
        assertions.Rest();
        return (exit, expected);
    }
}
