namespace Yunpipe.Algorithms.Scripts;

/// <summary>The image of a script: a Dockerfile, and the algorithm as it is inside.</summary>
public static class ScriptImage
{
    private const string Folder = "/app";

    /// <param name="requirements">A file of Python packages, or a list of R packages, beside the script; null for none.</param>
    public static string Dockerfile(string script, string? requirements)
    {
        var isR = script.EndsWith(".r", StringComparison.OrdinalIgnoreCase);
        var lines = new List<string> { isR ? "FROM r-base:4.4.1" : "FROM python:3.12-slim", $"WORKDIR {Folder}" };
        if (requirements is not null)
        {
            lines.Add($"COPY [\"{requirements}\", \"{Folder}/requirements.txt\"]");
            // What changes seldom comes first, so that a changed script builds in a second.
            lines.Add(isR ? $"RUN Rscript -e 'install.packages(readLines(\"{Folder}/requirements.txt\"))'" : $"RUN pip install --no-cache-dir -r {Folder}/requirements.txt");
        }
        lines.Add($"COPY [\"{script}\", \"{Folder}/{script}\"]");
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The algorithm with its script in the image instead of on this machine.</summary>
    public static Algorithm Inside(Algorithm algorithm, string image) => algorithm with
    {
        Image = image, Files = [],
        Command = new CommandTemplate([.. algorithm.Command.Tokens.Select((token, at) => at == 1 ? Template.Parse($"{Folder}/{token.Source}") : token)]),
    };
}
