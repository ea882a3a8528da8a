using System.Collections.Concurrent;

namespace Yunpipe.Aws.Stores;

/// <summary>Remembers what was seen lately, and no more than that, so that memory does not grow with the items.</summary>
internal sealed class Recent<TKey, TValue>(int most) where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TValue> _values = new();

    public TValue? Find(TKey key) => _values.TryGetValue(key, out var value) ? value : default;

    public void Keep(TKey key, TValue value)
    {
        if (_values.Count >= most) _values.Clear();
        _values[key] = value;
    }

    public void Forget(TKey key) => _values.TryRemove(key, out _);
}
