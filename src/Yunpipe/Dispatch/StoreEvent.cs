namespace Yunpipe.Dispatch;

/// <summary>What happened in a store: the reason to look at one item or group again. Nothing is believed of it but the name; what is there now is asked.</summary>
public abstract record StoreEvent
{
    /// <summary>A file of the workflow's input was written.</summary>
    /// <param name="Sequencer">Orders the events of one key (<see cref="Sequencers"/>); empty where the source has none.</param>
    public sealed record InputWritten(InputFile File, string Sequencer) : StoreEvent;

    /// <summary>A file of the input was removed. That it is gone is looked up, since a newer one may have come.</summary>
    public sealed record InputRemoved(string Path, string Sequencer) : StoreEvent;

    /// <summary>A manifest or a failure record was written.</summary>
    public sealed record Recorded(string Step, string Job) : StoreEvent;
}

/// <summary>Compares the sequencers that S3 puts into its events: hexadecimal numbers of differing length, padded on the right
/// (Amazon S3 User Guide, “Event message structure”).</summary>
public static class Sequencers
{
    public static int Compare(string a, string b)
    {
        var length = Math.Max(a.Length, b.Length);
        return string.Compare(a.PadRight(length, '0'), b.PadRight(length, '0'), StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>The newest event seen of each key, for as many keys as fit: an older one is not looked at. One that is forgotten does no harm, because
/// whatever an event says is asked of the store.</summary>
internal sealed class NewestEvents(int most = 50_000)
{
    private Dictionary<string, string> _young = new(StringComparer.Ordinal);
    private Dictionary<string, string> _old = new(StringComparer.Ordinal);

    /// <summary>False where a newer event of the key, or this one, was taken already.</summary>
    public bool Take(string key, string sequencer)
    {
        if (sequencer.Length == 0) return true;
        if ((_young.TryGetValue(key, out var known) || _old.TryGetValue(key, out known)) && Sequencers.Compare(sequencer, known) <= 0) return false;
        if (_young.Count >= most / 2) (_young, _old) = (new(StringComparer.Ordinal), _young);
        _young[key] = sequencer;
        return true;
    }

    /// <summary>Its event could not be handled, and will come again.</summary>
    public void Forget(string key)
    {
        _young.Remove(key);
        _old.Remove(key);
    }
}
