using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing;

/// <summary>The formats that are read.</summary>
public enum ForeignFormat { First, Boutiques, Cwl }

/// <summary>What a person decides that a foreign descriptor does not say, by its own names.</summary>
/// <param name="Inputs">File inputs that each item brings.</param>
/// <param name="References">File inputs that are the same for all items: variables.</param>
/// <param name="Directories">Inputs and outputs that are directories.</param>
public sealed record ImportChoices(IReadOnlyList<string> Inputs, IReadOnlyList<string> References, IReadOnlyList<string> Directories)
{
    public static ImportChoices None { get; } = new([], [], []);

    public IEnumerable<string> All => Inputs.Concat(References).Concat(Directories);
}

/// <summary>What an import gave.</summary>
/// <param name="Value">Null where there are problems; otherwise it is valid.</param>
/// <param name="Problems">Why nothing could be made of the document.</param>
/// <param name="Told">What was not carried over (<see cref="ImportCodes.NotCarried"/>), left out because a run does not need it, or renamed.</param>
public sealed record Import<T>(T? Value, IReadOnlyList<Problem> Problems, IReadOnlyList<Problem> Told) where T : class
{
    /// <summary>True where a run of what was imported may differ from a run of the original.</summary>
    public bool Lost => Told.Any(note => note.Code == ImportCodes.NotCarried);
}

/// <summary>Gathers what there is to say while a foreign document is read.</summary>
internal sealed class ImportNotes(string file)
{
    private readonly List<string> _prose = [];

    public ProblemList Problems { get; } = new();

    public ProblemList Told { get; } = new();

    public string File { get; } = file;

    /// <summary>Something that changes a run and that Yunpipe has no word for, as a whole sentence.</summary>
    public void NotCarried(Location where, string what, string? advice = null) => Told.Add(ImportCodes.NotCarried, where, "Not carried over: " + what, advice);

    /// <summary>Something that a run does not need.</summary>
    public void LeftOut(Location where, string what) => Told.Add(ImportCodes.LeftOut, where, "Left out: " + what);

    /// <summary>A text that only people read: told in one line for all of them.</summary>
    public void Prose(string key) => _prose.Add(key);

    public IReadOnlyList<Problem> AllTold()
    {
        var told = Told.Sorted().Distinct().ToList();
        if (_prose.Count == 0) return told;
        var keys = _prose.Distinct().Order(StringComparer.Ordinal).ToList();
        var about = new Problem(ImportCodes.LeftOut, $"Left out: what only people read: {Wording.AllOf(keys)}, {_prose.Count} in all.", new Location(File));
        return [about, .. told];
    }

    /// <summary>Something that is wrong by the foreign format's own rules.</summary>
    public void Wrong(Location where, string message, string? advice = null) => Problems.Add(ImportCodes.BadForeign, where, message, advice);
}
