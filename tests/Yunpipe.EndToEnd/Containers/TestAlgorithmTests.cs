using System.Runtime.CompilerServices;
using Yunpipe.Algorithms;

namespace Yunpipe.EndToEnd.Containers;

/// <summary>The algorithms of tests/algorithms are what their files say.</summary>
public sealed class TestAlgorithmTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Here(), "../../algorithms"));

    public static TheoryData<string> Names => [.. Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_test_algorithm_is_read_without_a_problem(string name)
    {
        var reading = AlgorithmReader.Read(Path.Combine(Root, name, $"{name}.yaml"));
        reading.Problems.ShouldBeEmpty();
        reading.Value!.Name.ShouldBe(name);
        reading.Value.Image.ShouldBe("yunpipe-test");
        reading.Value.Command.Tokens[0].Source.ShouldBe($"/app/{name}.sh");
        File.Exists(Path.Combine(Root, name, $"{name}.sh")).ShouldBeTrue();
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
