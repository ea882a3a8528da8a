using System.Text;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Scripts;

/// <summary>What a script becomes.</summary>
/// <param name="Told">What of its command line is not in the descriptor, and what was guessed.</param>
public sealed record ScriptAlgorithm(Algorithm Algorithm, IReadOnlyList<Problem> Told);

/// <summary>Makes an algorithm out of a script's own command line: Python's argparse, R's optparse and argparse. The source is read as text; neither Python nor R is needed.</summary>
public static class ScriptReader
{
    private const int MaxCharacters = 2_000_000;
    private static readonly HashSet<string> Calls = ["add_argument", "make_option", "add_option", "add_mutually_exclusive_group", "add_argument_group", "add_subparsers", "ArgumentParser", "OptionParser"];

    /// <summary>Reads a file.</summary>
    /// <param name="input">The argument that takes the image; null to go by its name.</param>
    /// <param name="output">The argument that takes the place of the result; null to go by its name.</param>
    public static Reading<ScriptAlgorithm> Read(string path, string? input, string? output)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxCharacters }) return Refuse(ScriptCodes.NotRead, path, "The script is larger than 2 MB.", "Is it the right file?");
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
            return Read(text, path, input, output, ScriptModules.Beside(path, IsR(path)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException or NotSupportedException)
        {
            return Refuse(ScriptCodes.NotRead, path, error is DecoderFallbackException ? "The script is not UTF-8 text." : Directory.Exists(path) ? "This is a folder, not a script." : File.Exists(path) ? $"The script cannot be read: {error.Message}" : "There is no such file.");
        }
    }

    /// <param name="modules">Further files that the script consists of, relative to it.</param>
    public static Reading<ScriptAlgorithm> Read(string text, string fileName, string? input, string? output, IReadOnlyList<string>? modules = null)
    {
        var isR = IsR(fileName);
        if (!isR && !fileName.EndsWith(".py", StringComparison.OrdinalIgnoreCase)) return Refuse(ScriptCodes.NotRead, fileName, "This is neither a Python script (.py) nor an R script (.R).", "yunpipe algorithm describe makes a descriptor of any command.");
        var calls = new ScriptCalls(new ScriptLexer(text.TrimStart('\uFEFF'), fileName, isR).Read(), Calls).Read();
        var told = new ProblemList();
        var arguments = ScriptArguments.Of(calls, isR, told);
        if (arguments.Count == 0)
            return Refuse(ScriptCodes.NoArguments, fileName, $"The script has no arguments that could be read: {(isR ? "make_option or add_argument" : "add_argument of argparse")} is looked for.", "yunpipe algorithm describe makes a descriptor of any command.");
        var problems = new ProblemList();
        foreach (var name in new[] { input, output }.OfType<string>().Where(name => arguments.All(argument => argument.Name != name)))
            problems.Add(ScriptCodes.NoSuchArgument, new Location(fileName), $"{Wording.Quote(name)} is not an argument of the script.", Wording.DidYouMean(name, arguments.Select(argument => argument.Name)) ?? $"There are {Wording.AnyOf(arguments.Select(argument => argument.Name))}.");
        if (problems.Count > 0) return problems.ToReading<ScriptAlgorithm>(null);
        var description = calls.Where(call => call.Name is "ArgumentParser" or "OptionParser").Select(call => call.Text("description")).FirstOrDefault(prose => prose is not null);
        var algorithm = ScriptDescriptor.Make(arguments, fileName, description, isR, input, output, modules ?? [], told);
        if (algorithm is null) return Refuse(ScriptCodes.NoInput, fileName, "No argument takes an image, as far as names tell.", $"Say which does: --input NAME. There are {Wording.AnyOf(arguments.Select(argument => argument.Name))}.");
        var read = AlgorithmReader.Read(AlgorithmWriter.ToYaml(algorithm), Path.ChangeExtension(fileName, ".yaml"), Path.GetDirectoryName(Path.GetFullPath(fileName)) ?? "");
        return read.Value is { } valid && read.Ok ? new(new ScriptAlgorithm(valid, told.Sorted()), [])
            : new(null, [.. read.Problems.Select(problem => new Problem(ScriptCodes.NotSupported, $"The script's command line cannot be described: {problem.Message}", new Location(fileName), problem.Advice))]);
    }

    private static bool IsR(string fileName) => fileName.EndsWith(".r", StringComparison.OrdinalIgnoreCase);

    private static Reading<ScriptAlgorithm> Refuse(string code, string file, string message, string? advice = null) => new(null, [new Problem(code, message, new Location(file), advice)]);
}
