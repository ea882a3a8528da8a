using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Algorithms;

/// <summary>Sample invocations of the algorithm, checked against its own ports and variables.</summary>
internal static class TestReader
{
    /// <summary>The expected output in place of a digest: it must be there, whatever its bytes.</summary>
    public const string Present = "present";

    public static IReadOnlyList<AlgorithmTest> Read(Fields fields, Algorithm algorithm)
    {
        var tests = new List<AlgorithmTest>();
        foreach (var node in fields.List("tests"))
        {
            var test = Fields.Of(node, "a test", fields.Problems);
            var name = test.Text("name") ?? $"test {tests.Count + 1}";
            if (tests.Exists(other => other.Name == name)) fields.Problems.Add(AlgorithmCodes.DuplicateName, test.Place("name"), $"Two tests are called {Wording.Quote(name)}.");
            tests.Add(new AlgorithmTest(name, Inputs(test, algorithm), Variables(test, algorithm), test.Integer("exitCode", 0, 0, 255), Outputs(test, algorithm)));
            test.Done();
        }
        return tests;
    }

    private static Dictionary<string, IReadOnlyList<string>> Inputs(Fields test, Algorithm algorithm)
    {
        var inputs = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var entries = test.Entries("inputs");
        foreach (var entry in entries)
        {
            if (algorithm.Inputs.FirstOrDefault(port => port.Name == entry.Key) is not { } port)
            {
                test.Problems.Add(AlgorithmCodes.BadTest, entry.Where, $"{Wording.Quote(entry.Key)} is not an input.", Wording.DidYouMean(entry.Key, algorithm.Inputs.Select(known => known.Name)));
                continue;
            }
            var files = Fields.Of(new MapNode(entries, test.Where), "a test", test.Problems).Texts(entry.Key);
            if (files.Count > 1 && !port.List) test.Problems.Add(AlgorithmCodes.BadTest, entry.Value.Where, $"{Wording.Quote(entry.Key)} takes one file, and {files.Count} are given.");
            foreach (var file in files.Where(Path.IsPathRooted))
                test.Problems.Add(AlgorithmCodes.BadPath, entry.Value.Where, $"{Wording.Quote(file)} is absolute.", "Write it relative to this file, so that the test works for others.");
            inputs[entry.Key] = files;
        }
        foreach (var missing in algorithm.Inputs.Where(port => port.Required && !inputs.ContainsKey(port.Name)))
            test.Problems.Add(AlgorithmCodes.BadTest, test.Place("inputs"), $"The test gives nothing to the input {Wording.Quote(missing.Name)}.");
        return inputs;
    }

    private static Dictionary<string, VariableValue> Variables(Fields test, Algorithm algorithm)
    {
        var values = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        var before = test.Problems.Count;
        foreach (var entry in test.Entries("variables"))
        {
            if (algorithm.Variables.FirstOrDefault(variable => variable.Name == entry.Key) is not { } variable)
                VariableValues.Unknown(algorithm, entry.Key, entry.Where, test.Problems);
            else if (!entry.Value.IsNull && VariableValues.Read(variable, entry.Value, test.Problems) is { } value) values[entry.Key] = value;
        }
        if (test.Problems.Count == before) test.Problems.AddRange(VariableValues.Resolve(algorithm, values, test.Place("variables")).Problems);
        return values;
    }

    private static Dictionary<string, string> Outputs(Fields test, Algorithm algorithm)
    {
        var outputs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in test.Entries("outputs"))
        {
            var expected = (entry.Value as ScalarNode)?.Text ?? "";
            if (algorithm.Outputs.All(port => port.Name != entry.Key))
                test.Problems.Add(AlgorithmCodes.BadTest, entry.Where, $"{Wording.Quote(entry.Key)} is not an output.", Wording.DidYouMean(entry.Key, algorithm.Outputs.Select(known => known.Name)));
            else if (expected != Present && !Digest.TryParse(expected, out _))
                test.Problems.Add(AlgorithmCodes.BadTest, entry.Value.Where, $"{Wording.Quote(expected)} is not a digest.", "Write sha256: and 64 hexadecimal digits, or “present”.");
            outputs[entry.Key] = expected;
        }
        return outputs;
    }
}
