using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Deploying;

/// <summary>Finds algorithms for a workflow, and remembers which reference was which.</summary>
internal sealed class FoundAlgorithms(AlgorithmFinder finder)
{
    private readonly Dictionary<string, Algorithm> _found = new(StringComparer.Ordinal);

    /// <summary>By what the workflow calls them.</summary>
    public IReadOnlyDictionary<string, Algorithm> All => _found;

    public Reading<Algorithm> Find(string reference, string directory)
    {
        var found = finder.Find(reference, directory);
        if (found.Value is { } algorithm) _found[reference] = algorithm;
        return found;
    }
}
