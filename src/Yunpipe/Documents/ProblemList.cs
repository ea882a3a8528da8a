namespace Yunpipe.Documents;

/// <summary>Collects what is wrong with a document. It keeps the first 100 and counts the rest, so that a hostile document cannot fill the memory.</summary>
public sealed class ProblemList
{
    /// <summary>How many problems are told one by one.</summary>
    public const int Kept = 100;

    private readonly List<Problem> _problems = [];

    /// <summary>How many were added; compare before and after to see whether something went wrong in between.</summary>
    public int Count { get; private set; }

    public void Add(string code, Location where, string message, string? advice = null) => Add(new Problem(code, message, where, advice));

    public void Add(Problem problem)
    {
        Count++;
        if (_problems.Count < Kept) _problems.Add(problem);
    }

    public void AddRange(IEnumerable<Problem> problems)
    {
        foreach (var problem in problems) Add(problem);
    }

    /// <summary>The problems in the order of the document.</summary>
    public IReadOnlyList<Problem> Sorted()
    {
        var sorted = _problems.OrderBy(problem => problem.Where?.Line ?? 0).ThenBy(problem => problem.Where?.Column ?? 0).ToList();
        if (Count > _problems.Count)
            sorted.Add(new Problem(DocumentCodes.TooMany, $"There are {Count - _problems.Count} more problems.", _problems[0].Where is { } where ? new Location(where.File) : null, "Mend these first."));
        return sorted;
    }

    /// <summary>The value together with all problems; with any problem the value is dropped.</summary>
    public Reading<T> ToReading<T>(T? value) where T : class => new(Count == 0 ? value : null, Sorted());
}
