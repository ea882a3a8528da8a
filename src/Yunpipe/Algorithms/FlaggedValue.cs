namespace Yunpipe.Algorithms;

/// <summary>How a value with a flag stands in the command: one table for variables and for the paths of inputs.
/// <code>
/// flag  separator  listSeparator  repeat   members a, b become
/// –     –          –              –        a  b
/// –     –          ,              –        a,b
/// --x   –          –              –        --x  a  b
/// --x   –          –              yes      --x  a  --x  b
/// --x   –          ,              –        --x  a,b
/// --x   =          –              –        --x=a  --x=b
/// --x   =          ,              –        --x=a,b
/// </code></summary>
internal static class FlaggedValue
{
    /// <param name="items">At least one.</param>
    public static CommandValue Of(IReadOnlyList<string> items, bool isList, string? flag, string? separator, string? listSeparator, bool repeat)
    {
        if (isList && listSeparator is not null) (items, isList) = ([string.Join(listSeparator, items)], false);
        if (flag is null) return isList ? CommandValue.Of(items) : CommandValue.Of(items[0]);
        // With a separator every member repeats the flag: one argument cannot hold a list without its own separator.
        if (separator is not null) return CommandValue.Of([.. items.Select(item => flag + separator + item)]);
        return CommandValue.Of(repeat ? [.. items.SelectMany(item => (string[])[flag, item])] : [flag, .. items]);
    }
}
