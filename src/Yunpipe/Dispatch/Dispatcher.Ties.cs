using Yunpipe.Stores;

namespace Yunpipe.Dispatch;

/// <summary>S3 tells the second in which a file was written. Two versions of one second have the same order, and the one whose job ends last is shown, whichever it is.
/// When the older ends last, its own manifest tells: then the newer, which the item is made of, is shown again, as if it had come a moment later.</summary>
public sealed partial class Dispatcher
{
    private async Task BreakTies(Batch batch, string key, Walk walk, IEnumerable<Manifest> landed, CancellationToken cancel)
    {
        foreach (var late in landed)
        {
            if (walk.Done(late.Step, late.Key) is not { } own || own.Id.ToString() == late.Job || own.Order != late.Order) continue;
            // An event may be older than what is there: only what is there now counts.
            if (await _items.Find(key, new Dictionary<string, InputFile>(), cancel) is not { } found || (await WalkItem(found, cancel)).Done(late.Step, late.Key) is not { } now || now.Id.ToString() == late.Job) continue;
            if ((await _parts.Store.FindItem(late.Step, late.Key, cancel))?.Job == late.Job) batch.Open(_byName[late.Step], now with { Order = late.Order + 1 }, shows: true, again: true);
        }
    }
}
