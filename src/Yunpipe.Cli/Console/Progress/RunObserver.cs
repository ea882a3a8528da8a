using System.Threading.Channels;
using Yunpipe.Runs;
using Yunpipe.Work;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>Hears what a run tells, on the run's own threads, and hands on what is to be said. Where nobody asked for documents nearly every event
/// ends in the first line: numbers are read from the run itself, ten times a second.
/// <code>
/// event                          lines            documents
/// a job started, given back      –                –
/// a job done, retried            –                each
/// a job done before              –                –
/// set aside                      the first 20     each; of a run before: –
/// held back                      –                each
/// superseded, view conflict      the first 5      each
/// </code></summary>
internal sealed class RunObserver(bool documents)
{
    public const int MostSetAside = 20, MostOthers = 5;
    private const int Capacity = 10_000;

    private readonly Channel<RunEvent> _events = Channel.CreateBounded<RunEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private long _setAside, _superseded, _conflicts;

    public ChannelReader<RunEvent> Events => _events.Reader;

    /// <summary>How many were set aside beyond those that are named.</summary>
    public long Unnamed => Math.Max(0, SetAside - MostSetAside);

    /// <summary>How many were set aside by this run, and not by one before.</summary>
    public long SetAside => Interlocked.Read(ref _setAside);

    public void Hear(RunEvent happened)
    {
        if (happened is RunEvent.JobEnded { Earlier: false, End: JobEnd.SetAside } or RunEvent.ItemSetAside) Interlocked.Increment(ref _setAside);
        if (documents ? !IsDocument(happened) : !IsLine(happened)) return;
        // A reader that falls behind slows the run down instead of filling the memory.
        while (!_events.Writer.TryWrite(happened))
            if (!_events.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult()) return;
    }

    /// <summary>Nothing more will be heard, or said.</summary>
    public void Close() => _events.Writer.TryComplete();

    private static bool IsDocument(RunEvent happened) =>
        happened is not (RunEvent.JobStarted or RunEvent.JobEnded { Earlier: true } or RunEvent.JobEnded { End: JobEnd.GivenBack } or RunEvent.ListingEnded or RunEvent.JobWaits);

    private bool IsLine(RunEvent happened) => happened switch
    {
        RunEvent.JobEnded { Earlier: true } => false,
        RunEvent.JobEnded { End: JobEnd.Done { HidesBehind: null } } => false,
        RunEvent.JobEnded { End: JobEnd.Done } => Interlocked.Increment(ref _conflicts) <= MostOthers,
        RunEvent.JobEnded { End: JobEnd.SetAside } or RunEvent.ItemSetAside => SetAside <= MostSetAside,
        RunEvent.JobEnded { End: JobEnd.Superseded } => Interlocked.Increment(ref _superseded) <= MostOthers,
        _ => false,
    };
}
