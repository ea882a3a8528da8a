using System.Reflection;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli;

/// <summary>Finds the algorithm that a step names: a bare toolbox name, or a file beside the workflow.</summary>
internal static class AlgorithmFinder
{
    private const string Prefix = "algorithms.";

    public static IReadOnlyList<string> ToolboxNames { get; } = [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..^".yaml".Length]).Order(StringComparer.Ordinal)];

    public static Reading<Algorithm> Find(string reference, string directory)
    {
        var path = Path.GetFullPath(reference, Path.GetFullPath(directory.Length == 0 ? "." : directory));
        if (ToolboxNames.Contains(reference)) return AlgorithmReader.Read(Descriptor(reference), reference + ".yaml", "");
        if (File.Exists(path)) return AlgorithmReader.Read(Words.Path(path));
        var looksLikeFile = reference.EndsWith(".yaml", StringComparison.Ordinal) || reference.EndsWith(".yml", StringComparison.Ordinal) || reference.EndsWith(".json", StringComparison.Ordinal) || reference.StartsWith('.');
        return new Reading<Algorithm>(null, [looksLikeFile
            ? new Problem("YP1140", $"The algorithm file “{path}” is not there.")
            : new Problem("YP1141", $"“{reference}” is neither a toolbox algorithm nor a file.", null,
                Wording.DidYouMean(reference, ToolboxNames) ?? $"The toolbox has: {string.Join(", ", ToolboxNames)}.")]);
    }

    public static string Descriptor(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Prefix}{name}.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
