namespace Yunpipe.Algorithms.Importing;

/// <summary>Keys that stand in a text for values. Finds the longest one at a place without trying them one by one: a document may have thousands, and megabytes of text.</summary>
internal sealed class KeySet
{
    /// <summary>A key that is longer is no key: it would make each place of a text as dear as the key is long.</summary>
    public const int Longest = 128;

    private readonly Node _root = new();

    public KeySet(IEnumerable<string> keys)
    {
        foreach (var key in keys.Where(key => key.Length is > 0 and <= Longest))
        {
            var node = _root;
            foreach (var c in key)
            {
                if (!node.Next.TryGetValue(c, out var next)) node.Next[c] = next = new Node();
                node = next;
            }
            node.Key = key;
        }
    }

    /// <summary>The longest key that begins there; null for none.</summary>
    public string? At(string text, int at)
    {
        string? found = null;
        for (var node = _root; ; at++)
        {
            found = node.Key ?? found;
            if (at >= text.Length || !node.Next.TryGetValue(text[at], out var next)) return found;
            node = next;
        }
    }

    private sealed class Node
    {
        public Dictionary<char, Node> Next { get; } = [];
        public string? Key { get; set; }
    }
}
