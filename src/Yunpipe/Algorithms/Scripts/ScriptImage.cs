using System.Text;

namespace Yunpipe.Algorithms.Scripts;

/// <summary>The image of a script: a Dockerfile, and the algorithm as it is inside.</summary>
public static class ScriptImage
{
    private const string Folder = "/app";

    /// <summary>The image that scripts start from where nobody says another.</summary>
    public static string UsualBase(string script) => IsR(script) ? "r-base:4.4.1" : "python:3.12-slim";

    /// <summary>The Dockerfile, which lies beside the script.</summary>
    /// <param name="requirements">A file of Python packages, or a list of R packages, beside the script; null for none.</param>
    /// <param name="from">The image that it starts from; null for the usual one.</param>
    public static string Dockerfile(Algorithm algorithm, string? requirements, string? from)
    {
        var script = algorithm.Files[0];
        var isR = IsR(script);
        var lines = new List<string> { $"FROM {from ?? UsualBase(script)}", $"WORKDIR {Folder}" };
        if (requirements is not null)
        {
            lines.Add(Copy(requirements, "requirements.txt"));
            // What changes seldom comes first, so that a changed script builds in a second. An image of a distribution keeps pip off its own packages unless told.
            lines.Add(isR ? $"RUN Rscript -e 'install.packages(readLines(\"{Folder}/requirements.txt\"))'" : $"RUN PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --no-cache-dir -r {Folder}/requirements.txt");
        }
        // A package is one folder; a script is copied last.
        foreach (var part in algorithm.Files.Skip(1).Select(file => file.Split('/')[0]).Distinct()) lines.Add(Copy(part, part));
        lines.Add(Copy(script, script));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The algorithm with its script in the image instead of on this machine.</summary>
    public static Algorithm Inside(Algorithm algorithm, string image) => algorithm with
    {
        Image = image, Files = [],
        Command = new CommandTemplate([.. algorithm.Command.Tokens.Select((token, at) => at == 1 ? Template.Parse($"{Folder}/{token.Source}") : token)]),
    };

    private static bool IsR(string script) => script.EndsWith(".r", StringComparison.OrdinalIgnoreCase);

    /// <summary>In the form that takes names with spaces; what Dockerfiles have a meaning for stands for itself.</summary>
    private static string Copy(string file, string into) => $"COPY [\"{Quoted(file, isPattern: true)}\", \"{Folder}/{Quoted(into, isPattern: false)}\"]";

    private static string Quoted(string name, bool isPattern)
    {
        var text = new StringBuilder();
        foreach (var c in name)
            text.Append(c switch
            {
                '"' => "\\\"", '\\' => "\\\\\\\\", '$' => "\\\\$", '*' or '?' or '[' when isPattern => $"[{c}]", < ' ' => $"\\u{(int)c:x4}", _ => c.ToString(),
            });
        return text.ToString();
    }
}
