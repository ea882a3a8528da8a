using System.Globalization;
using Yunpipe.Items;

namespace Yunpipe.Algorithms;

/// <summary>What the names in one job's command stand for (model.md, "Algorithms"). Paths are as the algorithm's process sees them.</summary>
public sealed record CommandScope
{
    public required Algorithm Algorithm { get; init; }

    /// <summary>By port; a list port has any number of paths. A port that got nothing is absent.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Inputs { get; init; }

    /// <summary>As <see cref="VariableValues.Resolve"/> gives them, with reference data by its path inside.</summary>
    public required IReadOnlyDictionary<string, VariableValue> Values { get; init; }

    /// <summary>The folder for outputs.</summary>
    public required string Out { get; init; }
    public required string Tmp { get; init; }

    /// <summary>The item's key.</summary>
    public required string Key { get; init; }

    /// <summary>The path of the item's file relative to its place.</summary>
    public required string Path { get; init; }
    public string? Stem { get; init; }
    public double Cpu { get; init; } = 1;
    public int MemoryMb { get; init; }
    public int Gpu { get; init; }
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();

    /// <summary>By list port: the CSV of paths and metadata, and the directory of links.</summary>
    public IReadOnlyDictionary<string, string> Tables { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Directories { get; init; } = new Dictionary<string, string>();

    /// <summary>The name of an input's file; null where there is none.</summary>
    public Func<string, string?> FileName { get; init; } = _ => null;

    /// <summary>The arguments of the job.</summary>
    public IReadOnlyList<string> Arguments() => Algorithm.Command.Expand(Argument);

    /// <summary>The job's own environment; a value whose insertion has nothing is left out.</summary>
    public IReadOnlyDictionary<string, string> Environment()
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, template) in Algorithm.Environment)
            if (template.Expand(Text) is { } value) environment[name] = value;
        return environment;
    }

    /// <summary>Where the process starts; null for the job's own folder.</summary>
    public string? Workdir => Algorithm.Workdir?.Expand(Text);

    /// <summary>The folder of configuration files: where the process starts, as far as a job may write there.</summary>
    public string ConfigFolder => Algorithm.Workdir?.OnlyName == "out" ? Out : Tmp;

    /// <summary>The path of an output: relative to <see cref="Out"/>, with <c>*</c> as written, or absolute. Null where an insertion has nothing.</summary>
    public string? Output(OutputPort port) => port.Path.Expand(Text);

    /// <summary>For a token of the command; null removes it.</summary>
    public CommandValue? Argument(string name)
    {
        if (Port(name) is { } port) return port.ToArguments(Inputs.GetValueOrDefault(name));
        if (Variable(name) is { } variable) return VariableValues.ToArguments(variable, Values.GetValueOrDefault(name));
        return Text(name) is { } text ? CommandValue.Of(text) : null;
    }

    /// <summary>For names and environment: variables without their flags.</summary>
    public string? Text(string name)
    {
        if (Port(name) is { } port)
            return !Inputs.TryGetValue(name, out var paths) || paths.Count == 0 ? null : port is { List: true, ListSeparator: { } between } ? string.Join(between, paths) : paths[0];
        if (Variable(name) is { } variable) return VariableValues.ToText(variable, Values.GetValueOrDefault(name));
        if (name.StartsWith(ReservedNames.MetaPrefix, StringComparison.Ordinal)) return Meta.GetValueOrDefault(name[ReservedNames.MetaPrefix.Length..]);
        if (ReservedNames.OutputOf(name) is { } output)
            return Algorithm.Outputs.FirstOrDefault(known => known.Name == output) is { } known && Output(known) is { } place ? place.StartsWith('/') ? place : $"{Out}/{place}" : null;
        if (name.EndsWith(ReservedNames.TableSuffix, StringComparison.Ordinal)) return Tables.GetValueOrDefault(name[..^ReservedNames.TableSuffix.Length]);
        if (name.EndsWith(ReservedNames.DirectorySuffix, StringComparison.Ordinal)) return Directories.GetValueOrDefault(name[..^ReservedNames.DirectorySuffix.Length]);
        if (ReservedNames.FileOf(name) is { } named && Port(named) is { } input) return FilePart(input, name);
        if (Algorithm.Configs.FirstOrDefault(config => config.Name == name) is { } settings) return settings.Path.Expand(Text) is { } path ? $"{ConfigFolder}/{path}" : null;
        return name switch
        {
            "out" => Out,
            "tmp" => Tmp,
            "key" => Key,
            "path" => Path,
            "stem" => Stem ?? Items.Stem.Of(Path),
            // Programs take whole threads: half a processor is one thread.
            "cpu" => Math.Max(1, (int)Math.Ceiling(Cpu)).ToString(CultureInfo.InvariantCulture),
            "memory_mb" => MemoryMb.ToString(CultureInfo.InvariantCulture),
            "gpu" => Gpu.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };
    }

    private string? FilePart(InputPort port, string name)
    {
        if (FileName(port.Name) is not { } file) return null;
        if (name.EndsWith(".name", StringComparison.Ordinal)) return file;
        var stem = Items.Stem.Of(file, port.Extensions);
        return name.EndsWith(".stem", StringComparison.Ordinal) ? stem : file[stem.Length..];
    }

    private InputPort? Port(string name) => Algorithm.Inputs.FirstOrDefault(port => port.Name == name);

    private Variable? Variable(string name) => Algorithm.Variables.FirstOrDefault(variable => variable.Name == name);
}
