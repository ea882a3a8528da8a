using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Workflows;

/// <summary>A list of steps over one input location, with one output location (model.md, "Steps").</summary>
public sealed record Workflow
{
    public required string Name { get; init; }
    public required InputSpec Input { get; init; }
    public required IReadOnlyList<Step> Steps { get; init; }
    public OutputSpec Output { get; init; } = new(null, Template.Parse("${step}/${path}"));

    /// <summary>How many set-aside items a run bears before it starts no more jobs; null bears all.</summary>
    public Tolerance? Tolerate { get; init; }
    public string Directory { get; init; } = "";
    public Location Source { get; init; }
}

/// <summary>A count, or a share of the items from 0 to 1.</summary>
public sealed record Tolerance(int? Count, double? Share);

/// <summary>Where items come from and how names become items.</summary>
public sealed record InputSpec
{
    public string? Location { get; init; }

    /// <summary>A path template with <c>{catch}</c>es, or a regular expression with named groups; null takes every file as an item of one part.</summary>
    public string? Pattern { get; init; }

    /// <summary>A CSV with a column <c>path</c> (or one column per part) and metadata columns.</summary>
    public string? Table { get; init; }

    /// <summary>The metadata names that the table's header gives, where whoever read the workflow could look; null where they are not known yet.</summary>
    public IReadOnlyList<string>? TableColumns { get; init; }
    public ItemGrouping? Item { get; init; }
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Globs of which a file must match one; empty takes all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>True where the matched thing is a directory-style image; listing stops there.</summary>
    public bool Directories { get; init; }

    /// <summary>What tells a deployment that a directory-style image is whole; null leaves it to the deployment's quiet period.</summary>
    public ImageEnd? End { get; init; }
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>Sidecars of a file by template on its stem, for example <c>${stem}.json</c>; a required one that is absent is reported.</summary>
    public IReadOnlyList<Sidecar> Sidecars { get; init; } = [];
    public Location Source { get; init; }
}

/// <summary>When a directory-style image is whole, in a deployment, to which it comes file by file.</summary>
/// <param name="Closed">What is behind the image's path in the name of the file that says so; its lines, if it has any, name files.</param>
/// <param name="Count">Files of a whole image.</param>
/// <param name="Quiet">How long an image must be left alone before it counts as whole.</param>
public sealed record ImageEnd(string? Closed, int? Count, TimeSpan? Quiet);

/// <summary>A companion file, found by a template relative to its file's folder.</summary>
public sealed record Sidecar(Template Path, bool Required);

/// <summary>How files are grouped into items: the key template, and per part the metadata values that select its file.</summary>
public sealed record ItemGrouping(Template Key, IReadOnlyList<PartSelector> Parts);

public sealed record PartSelector(string Name, IReadOnlyDictionary<string, string> Meta, bool Required = true);

public sealed record OutputSpec(string? Location, Template Layout)
{
    public Location Source { get; init; }
}

/// <summary>One step: an algorithm, values, and where each input comes from.</summary>
public sealed record Step
{
    public required string Name { get; init; }

    /// <summary>As written: a bare toolbox name, a file, or an image reference.</summary>
    public required string AlgorithmReference { get; init; }
    public required Algorithm Algorithm { get; init; }

    /// <summary>By input port; empty means “the step before”, bound by the planner.</summary>
    public IReadOnlyDictionary<string, InputSource> Inputs { get; init; } = new Dictionary<string, InputSource>();
    public IReadOnlyDictionary<string, VariableValue> Variables { get; init; } = new Dictionary<string, VariableValue>();

    /// <summary>Variable values that insert metadata (<c>${sigma}</c> or <c>${meta.sigma}</c>): expanded per item.</summary>
    public IReadOnlyDictionary<string, Template> VariableTemplates { get; init; } = new Dictionary<string, Template>();
    public Gather? Gather { get; init; }

    /// <summary>Variable name to its values, in the order written.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<VariableValue>>> Matrix { get; init; } = [];
    public When? When { get; init; }
    public int Batch { get; init; } = 1;
    public Location Source { get; init; }
}

/// <summary>Where an input comes from: <c>input</c>, <c>input.part</c>, <c>step</c> or <c>step.output</c>. Step null means the workflow's input.</summary>
public sealed record InputSource(string? Step, string? Port, Location Source)
{
    /// <summary>The word for the workflow's own input; no step can have this name.</summary>
    public const string InputWord = "input";

    public static InputSource Parse(string text, Location where)
    {
        var dot = text.IndexOf('.');
        var (name, port) = dot < 0 ? (text, null) : (text[..dot], text[(dot + 1)..]);
        return new InputSource(name == InputWord ? null : name, port, where);
    }

    public override string ToString() => Port is null ? Step ?? InputWord : $"{Step ?? InputWord}.{Port}";
}

public enum MissingPolicy { Fail, Skip, Wait }

/// <summary>Many items become one: those whose <paramref name="By"/> is equal. A null template gathers all.</summary>
public sealed record Gather(Template? By, IReadOnlyDictionary<string, IReadOnlyList<string>> Expect, int? Count, MissingPolicy Missing)
{
    /// <summary>A file of the input that says that a group is whole; its lines, if it has any, name the members. Only deployments wait for it.</summary>
    public Template? Closed { get; init; }

    /// <summary>How long a group of a deployment must be left alone before it counts as whole; null leaves it to the deployment.</summary>
    public TimeSpan? Quiet { get; init; }

    public Location Source { get; init; }
}

/// <summary>Which items a step takes: metadata values (any of a list) and globs on the key; all must hold.</summary>
public sealed record When(IReadOnlyDictionary<string, IReadOnlyList<string>> Meta, IReadOnlyList<string> Globs)
{
    public Location Source { get; init; }
}
