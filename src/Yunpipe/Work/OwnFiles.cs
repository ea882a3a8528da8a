using Yunpipe.Algorithms;

namespace Yunpipe.Work;

/// <summary>The files that an algorithm lists as its own, such as a script: they lie beside its descriptor, and its jobs run elsewhere.</summary>
public static class OwnFiles
{
    public static string PathOf(Algorithm algorithm, string file) => Path.GetFullPath(Path.Combine(algorithm.Directory, file));

    /// <summary>The algorithm with the path of the file in the place of each argument that names one. Identities are computed before: they know
    /// a file by its name and content, wherever it lies.</summary>
    /// <param name="seen">The path under which the algorithm sees a file of this machine.</param>
    public static Algorithm InPlace(Algorithm algorithm, Func<string, string> seen)
    {
        if (algorithm.Files.Count == 0) return algorithm;
        var paths = algorithm.Files.ToDictionary(Plain, file => seen(PathOf(algorithm, file)), StringComparer.Ordinal);
        return algorithm with
        {
            Command = new CommandTemplate([.. algorithm.Command.Tokens.Select(token =>
                token.Pieces is [{ IsName: false } only] && paths.TryGetValue(Plain(only.Text), out var path) ? new Template(path, [new TemplatePiece(path, false)]) : token)]),
        };
    }

    private static string Plain(string file) => file.StartsWith("./", StringComparison.Ordinal) ? file[2..] : file;
}
