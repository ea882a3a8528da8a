using System.Reflection;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Images;
using Yunpipe.Documents;

namespace Yunpipe.Cli;

/// <summary>Finds the algorithm that a step or a person names: a bare toolbox name, a file beside the workflow, or an image that carries one.</summary>
internal sealed class AlgorithmFinder(ImageAlgorithms images)
{
    private const string Prefix = "algorithms.";
    private static readonly string[] Endings = [".yaml", ".yml", ".json"];

    public static IReadOnlyList<string> ToolboxNames { get; } = [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..^".yaml".Length]).Order(StringComparer.Ordinal)];

    /// <param name="directory">Where paths start; empty is the current folder.</param>
    public Reading<Algorithm> Find(string reference, string directory)
    {
        if (ToolboxNames.Contains(reference)) return OfToolbox(reference);
        var path = Path.GetFullPath(reference, Path.GetFullPath(directory.Length == 0 ? "." : directory));
        var isDescriptor = Endings.Any(ending => reference.EndsWith(ending, StringComparison.Ordinal));
        if (File.Exists(path) && (isDescriptor || !IsArchive(path))) return AlgorithmReader.Read(Words.Path(path));
        if (isDescriptor || reference.StartsWith('.') && !Path.Exists(path) && !IsArchive(path.Split(':')[0])) return new(null, [new Problem("YP1140", $"The algorithm file “{path}” is not there.")]);
        if (ImageAlgorithms.LooksLikeImage(reference) || IsArchive(reference)) return images.Find(reference, directory);
        return new(null, [new Problem("YP1141", $"“{reference}” is neither a toolbox algorithm nor a file.", null,
            Wording.DidYouMean(reference, ToolboxNames) ?? $"The toolbox has: {string.Join(", ", ToolboxNames)}. An image is named with its tag: {reference}:latest.")]);
    }

    /// <summary>As <see cref="Find"/>; a repository without a tag gives all of its own.</summary>
    public IReadOnlyList<(string Name, Reading<Algorithm> Algorithm)> FindAll(string reference) =>
        Knows(reference) && !ToolboxNames.Contains(reference) ? images.FindAll(reference) : [(reference, Find(reference, ""))];

    /// <summary>True for what is found without being a file.</summary>
    public static bool Knows(string reference) => ToolboxNames.Contains(reference) || !File.Exists(reference) && ImageAlgorithms.LooksLikeImage(reference) && !Endings.Any(ending => reference.EndsWith(ending, StringComparison.Ordinal))
        || IsArchive(reference);

    public static Reading<Algorithm> OfToolbox(string name) => AlgorithmReader.Read(Descriptor(name), name + ".yaml", "");

    private static bool IsArchive(string path) => path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase);

    public static string Descriptor(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Prefix}{name}.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
