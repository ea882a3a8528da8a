using System.Text;

namespace Yunpipe.Algorithms.Scripts;

/// <summary>Files beside a script that it consists of too: modules that it imports (Python), files that it sources (R), and what those name in turn.</summary>
internal static class ScriptModules
{
    private const int Most = 200;
    private const int MaxBytes = 2_000_000;

    /// <summary>Paths relative to the script's folder, without the script, each once.</summary>
    public static IReadOnlyList<string> Beside(string script, bool isR)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(script))!;
        var found = new List<string> { Path.GetFileName(script) };
        for (var at = 0; at < found.Count && found.Count <= Most; at++)
            foreach (var file in Named(Path.Combine(folder, found[at]), isR).SelectMany(name => isR ? Sourced(folder, name) : Modules(folder, name)))
                if (found.Count <= Most && !found.Contains(file)) found.Add(file);
        return [.. found.Skip(1).Order(StringComparer.Ordinal)];
    }

    /// <summary>What a file imports or sources, by the names it uses; nothing where it cannot be read.</summary>
    private static IEnumerable<string> Named(string path, bool isR)
    {
        string text;
        try
        {
            if (new FileInfo(path).Length > MaxBytes) return [];
            text = Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A module that cannot be read is listed all the same, and the run tells of it.
            return [];
        }
        var tokens = new ScriptLexer(text, path, isR).Read();
        return isR ? Sources(tokens) : Imports(tokens);
    }

    /// <summary><c>import a.b as c, d</c> and <c>from .a import b</c>: the first name is the module beside the script.</summary>
    private static List<string> Imports(List<ScriptToken> tokens)
    {
        var names = new List<string>();
        for (var at = 0; at < tokens.Count; at++)
        {
            if (tokens[at].Kind != ScriptTokenKind.Name || tokens[at].Text is not ("import" or "from")) continue;
            var line = tokens[at].Where.Line;
            if (at > 0 && tokens[at - 1].Where.Line == line && tokens[at - 1] is not { Kind: ScriptTokenKind.Sign, Text: ";" or ":" }) continue;
            var expected = true;
            for (var next = at + 1; next < tokens.Count && tokens[next].Where.Line == line && tokens[next].Text != "import"; next++)
            {
                if (tokens[next] is { Kind: ScriptTokenKind.Name } name && expected) { names.Add(name.Text); expected = false; }
                else if (tokens[next] is { Kind: ScriptTokenKind.Sign, Text: "," }) expected = true;
            }
        }
        return names;
    }

    /// <summary><c>source("a.R")</c>.</summary>
    private static List<string> Sources(List<ScriptToken> tokens)
    {
        var names = new List<string>();
        for (var at = 0; at + 2 < tokens.Count; at++)
            if (tokens[at] is { Kind: ScriptTokenKind.Name, Text: "source" or "sys.source" } && tokens[at + 1].Text == "(" && tokens[at + 2] is { Kind: ScriptTokenKind.Text, Text.Length: > 0 } file) names.Add(file.Text);
        return names;
    }

    private static IEnumerable<string> Modules(string folder, string name)
    {
        if (File.Exists(Path.Combine(folder, name + ".py"))) return [name + ".py"];
        var package = Path.Combine(folder, name);
        return File.Exists(Path.Combine(package, "__init__.py")) ? Directory.EnumerateFiles(package, "*.py", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Take(Most) : [];
    }

    private static IEnumerable<string> Sourced(string folder, string name)
    {
        var path = Path.GetFullPath(name, folder);
        return path.StartsWith(folder + "/", StringComparison.Ordinal) && File.Exists(path) ? [Path.GetRelativePath(folder, path)] : [];
    }
}
