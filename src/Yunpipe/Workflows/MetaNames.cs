using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>The metadata names that items have at some place of a workflow. Open where a table's columns are not known yet: then any name may be there.</summary>
internal sealed record MetaNames(IReadOnlyList<string> Known, bool IsOpen)
{
    public static MetaNames OfInput(InputSpec input)
    {
        var names = input.Pattern is { } pattern && PathPattern.Parse(pattern) is { Ok: true, Value: { } parsed } ? parsed.Names : [];
        return new MetaNames([.. names.Union(input.TableColumns ?? [])], input.Table is not null && input.TableColumns is null);
    }

    /// <summary>What a group keeps of its members' metadata: what its key is made of. A key that holds the origin keeps everything.</summary>
    public MetaNames Grouped(Template? by) =>
        by is null ? new MetaNames([], false)
        : by.Names.Contains(DerivedKey.Origin) ? this
        : new MetaNames([.. by.Names.Select(MetaValue.NameOf).Distinct()], false);

    public MetaNames With(IEnumerable<string> names) => this with { Known = [.. Known.Union(names)] };

    public bool Has(string name) => IsOpen || Known.Contains(name);

    /// <summary>Reports a name that no item has here.</summary>
    public void Check(string name, Location where, ProblemList problems)
    {
        if (Has(name)) return;
        problems.Add(WorkflowCodes.UnknownMeta, where, $"No item has the metadata {Wording.Quote(name)} here.",
            Wording.DidYouMean(name, Known) ?? (Known.Count > 0 ? $"There is {Naming.And(Known)}." : "Catch it with input.pattern, or give it in input.table."));
    }
}
