using Yunpipe.Items;
using Yunpipe.Workflows;

namespace Yunpipe.Work;

/// <summary>What <c>${stem}</c> stands for at a step. An item that comes from a file has that file's name without its extension; a group is named by
/// metadata, in which a dot is no beginning of an extension: the groups <c>0.5</c> and <c>0.7</c> of a sweep are not both called <c>0</c>.</summary>
internal static class ItemStem
{
    /// <param name="origin">The workflow item or the group that the item comes from; what was made of a group's files since has another name.</param>
    public static string Of(PlanStep step, string key, string origin) =>
        step.Grouped?.By is { } by && !by.Names.Contains(DerivedKey.Origin) && Name(key) == Name(origin) ? Name(key) : Stem.Of(key);

    private static string Name(string key) => key[(key.LastIndexOf('/') + 1)..];
}
