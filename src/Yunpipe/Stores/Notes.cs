namespace Yunpipe.Stores;

/// <summary>A small object beside the records, and the tag that changes with every write of it.</summary>
public readonly record struct Note(byte[] Content, string Tag);

/// <summary>Small objects beside the records, each written whole and, where it matters, only if nobody else was faster: what several dispatchers share.
/// None of it is the truth about a job; all but leases can be derived again from inputs and records.</summary>
public abstract class Notes
{
    public abstract ValueTask<Note?> Read(string name, CancellationToken cancel);

    /// <summary>Writes whatever stands there.</summary>
    public abstract ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancel);

    /// <summary>Writes if the note still has this tag, or (null) if there is none.</summary>
    /// <returns>The new tag; null where somebody else was faster.</returns>
    public abstract ValueTask<string?> Write(string name, ReadOnlyMemory<byte> content, string? expected, CancellationToken cancel);

    /// <summary>Does nothing where there is none.</summary>
    public abstract ValueTask Delete(string name, CancellationToken cancel);

    /// <summary>Names that start with a prefix, in ordinal order of their UTF-8 bytes.</summary>
    /// <param name="after">Only names behind this one.</param>
    public abstract IAsyncEnumerable<string> List(string prefix, string? after, CancellationToken cancel);

    /// <summary>A key of any length and any characters as one short name.</summary>
    public static string NameOf(string key) => JobId.Of(System.Text.Encoding.UTF8.GetBytes(key)).ToString();
}

/// <summary>The notes of tests: the same promises in memory.</summary>
public sealed class MemoryNotes : Notes
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Note> _notes = new(StringComparer.Ordinal);
    private long _writes;

    /// <summary>How often something was written.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    public override ValueTask<Note?> Read(string name, CancellationToken cancel)
    {
        lock (_lock) return ValueTask.FromResult<Note?>(_notes.TryGetValue(name, out var note) ? note : null);
    }

    public override ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        lock (_lock) Set(name, content);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<string?> Write(string name, ReadOnlyMemory<byte> content, string? expected, CancellationToken cancel)
    {
        lock (_lock)
        {
            var standing = _notes.TryGetValue(name, out var note) ? note.Tag : null;
            return ValueTask.FromResult(standing == expected ? Set(name, content) : null);
        }
    }

    public override ValueTask Delete(string name, CancellationToken cancel)
    {
        lock (_lock) _notes.Remove(name);
        return ValueTask.CompletedTask;
    }

    public override async IAsyncEnumerable<string> List(string prefix, string? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        List<string> names;
        lock (_lock) names = [.. _notes.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && (after is null || string.CompareOrdinal(name, after) > 0))];
        foreach (var name in names) yield return name;
    }

    private string Set(string name, ReadOnlyMemory<byte> content)
    {
        var tag = $"{++_writes}";
        _notes[name] = new Note(content.ToArray(), tag);
        return tag;
    }
}
