namespace Yunpipe.Algorithms.Describing;

/// <summary>Values and file names that need not exist, to show a command with.</summary>
internal static class Samples
{
    public static VariableValue Of(Variable variable) => variable.Type switch
    {
        VariableType.Number => VariableValue.Of("1.5"),
        VariableType.Integer => VariableValue.Of("3"),
        VariableType.Enum => VariableValue.Of(variable.Values[0]),
        VariableType.File => VariableValue.Of(variable.Name + ".dat"),
        VariableType.List => new VariableValue(["a", "b"], IsList: true),
        _ => VariableValue.Of(variable.Name),
    };

    public static string File(InputPort port, string number)
    {
        var ending = port.Accepts.FirstOrDefault(glob => glob.StartsWith("*.", StringComparison.Ordinal) && glob.AsSpan(1).IndexOfAny('*', '?', '[') < 0);
        return $"{port.Name}{number}{ending?[1..] ?? (port.Directory ? "" : ".tif")}";
    }
}
