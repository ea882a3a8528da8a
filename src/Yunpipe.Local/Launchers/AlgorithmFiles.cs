using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>The files of this machine that an algorithm lists as its own.</summary>
internal static class AlgorithmFiles
{
    public static Dictionary<string, Digest> Digests(Algorithm algorithm, Func<string, Digest> digestOf, List<Problem> problems)
    {
        var files = new Dictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var file in algorithm.Files)
        {
            var path = OwnFiles.PathOf(algorithm, file);
            if (File.Exists(path)) files[file] = digestOf(path);
            else problems.Add(new Problem("YP4002", $"The file “{file}” that algorithm “{algorithm.Name}” lists is not there.", algorithm.Source));
        }
        return files;
    }

    public static Digest DigestOf(string path)
    {
        using var file = File.OpenRead(path);
        return Digest.FromHash(System.Security.Cryptography.SHA256.HashData(file));
    }
}
