namespace Yunpipe.Algorithms;

/// <summary>The place of reference data (variables of type file and directory): relative to the folder of the file that names it, absolute, or <c>s3://…</c>.</summary>
public static class ReferencePath
{
    public static bool IsRemote(string text) => text.StartsWith("s3://", StringComparison.Ordinal);

    /// <summary>The absolute path on this machine; a remote place stays as it is.</summary>
    /// <param name="directory">The folder of the naming file; empty is the current one.</param>
    public static string Resolve(string text, string directory) =>
        IsRemote(text) ? text : Path.GetFullPath(text, Path.GetFullPath(directory.Length == 0 ? "." : directory));

    /// <summary>Values with every file and directory made absolute. Whoever reads values from a file calls this with that file's folder,
    /// before they are mixed with the algorithm's defaults, which are relative to <see cref="Algorithm.Directory"/>.</summary>
    public static IReadOnlyDictionary<string, VariableValue> Anchor(Algorithm algorithm, IReadOnlyDictionary<string, VariableValue> values, string directory)
    {
        var anchored = new Dictionary<string, VariableValue>(values, StringComparer.Ordinal);
        foreach (var variable in algorithm.Variables)
            if (IsReference(variable) && values.TryGetValue(variable.Name, out var value)) anchored[variable.Name] = Anchor(value, directory);
        return anchored;
    }

    /// <summary>One value of a file or directory variable made absolute.</summary>
    public static VariableValue Anchor(VariableValue value, string directory) => value with { Items = [.. value.Items.Select(item => Resolve(item, directory))] };

    /// <summary>Whether a variable's values name reference data.</summary>
    public static bool IsReference(Variable variable) => MemberType(variable) is VariableType.File or VariableType.Directory;

    private static VariableType MemberType(Variable variable) => variable.Type == VariableType.List ? variable.Of : variable.Type;
}
