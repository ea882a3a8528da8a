using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>A step's <c>when</c>, ready to ask: every metadata name must have one of its values, and a glob, where there are any, must match the key.</summary>
public sealed class StepFilter(When? when)
{
    private readonly IReadOnlyList<Glob> _globs = Glob.All(when?.Globs ?? []);

    public bool Takes(string key, IReadOnlyDictionary<string, string> meta)
    {
        if (when is null) return true;
        foreach (var (name, values) in when.Meta)
            if (!meta.TryGetValue(name, out var own) || !values.Any(value => MetaValue.Same(own, value))) return false;
        return _globs.Count == 0 || Glob.Any(_globs, key);
    }
}
