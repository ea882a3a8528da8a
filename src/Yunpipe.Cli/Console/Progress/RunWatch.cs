using System.Collections.Concurrent;
using System.Text;
using Yunpipe.Runs;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>How a run is told: drawn in a terminal, as lines into a log, only what goes wrong, or as documents.</summary>
internal enum WatchMode { Live, Lines, Quiet, Documents }

/// <summary>Tells a run while it goes on. One loop owns all that is written; the run's threads only leave events.</summary>
internal sealed class RunWatch(Terminal terminal, WatchMode mode, TimeProvider time, Interrupts interrupts) : IAsyncDisposable
{
    /// <summary>A run that is over before this shows no table.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10), BeforeCounting = TimeSpan.FromSeconds(2), BetweenFrames = TimeSpan.FromMilliseconds(100), BetweenNotes = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<string> _said = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly LiveBlock _block = new(terminal);
    private readonly long _started = time.GetTimestamp();
    private PeriodicTimer? _timer;
    private Task _loop = Task.CompletedTask;
    private Run? _run;
    private string _title = "";
    private ExpectedJobs? _expected;
    private StepRates? _rates;
    private Func<CancellationToken, Task<long>>? _count;
    private Task<long>? _counting;
    private TimeSpan _lastLine;
    private long _lastSum = -1;
    private int _interruptsTold;
    private bool _gone;
    private Action<IReadOnlyList<StepRow>>? _note;
    private TimeSpan _lastNote;

    public RunObserver Observer { get; } = new(documents: mode == WatchMode.Documents);

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    /// <summary>A remark, from any thread.</summary>
    public void Say(string text)
    {
        if (mode == WatchMode.Quiet) return;
        if (_run is null) terminal.Error.WriteLine(text);
        else _said.Enqueue(text);
    }

    /// <param name="title">Stands above the table.</param>
    /// <param name="count">Counts all items, beside the run.</param>
    /// <param name="note">Takes the numbers every other second, for those who look from elsewhere.</param>
    public void Begin(Run run, Plan plan, string title, Func<CancellationToken, Task<long>> count, Action<IReadOnlyList<StepRow>>? note = null)
    {
        (_title, _count, _note) = (title, count, note);
        (_expected, _rates) = (new ExpectedJobs(plan), new StepRates(plan.Steps.Count));
        _run = run;
        _timer = new PeriodicTimer(BetweenFrames, time);
        _loop = Task.Run(Loop);
    }

    /// <summary>Says what is left to say and clears what was drawn.</summary>
    public async ValueTask DisposeAsync()
    {
        _timer?.Dispose();
        Observer.Close();
        await _ended.CancelAsync();
        await _loop;
        Show(last: true);
        if (_counting is not null) await Task.WhenAny(_counting);
        _ended.Dispose();
    }

    private async Task Loop()
    {
        do Show(last: false);
        while (await _timer!.WaitForNextTickAsync());
    }

    private void Show(bool last)
    {
        try
        {
            var lines = Lines();
            if (_run is null || last) Write(lines, []);
            else Frame(lines, Elapsed, _run.Progress);
        }
        catch (IOException)
        {
            // The terminal has gone. The run goes on; its records say how it went.
            _gone = true;
        }
    }

    private void Frame(List<string> lines, TimeSpan now, IReadOnlyList<StepProgress> progress)
    {
        _rates!.Sample(now, progress);
        if (now > BeforeCounting && mode is not WatchMode.Quiet) _counting ??= Task.Run(() => _count!(_ended.Token));
        // What could not be counted is simply not told.
        long? items = _counting is { IsCompletedSuccessfully: true } ? _counting.Result : null;
        if (_note is not null && now - _lastNote >= BetweenNotes)
        {
            _lastNote = now;
            _note(Rows(now, progress, items));
        }
        if (mode == WatchMode.Live && now > Quick)
        {
            Write(lines, ProgressTable.Draw(_title, now, Rows(now, progress, items), terminal.Width, terminal.Height - 1));
            return;
        }
        var sum = progress.Sum(step => step.Done + step.SetAside + step.Running + step.HeldBack);
        if (now - _lastLine >= BetweenLines && sum != _lastSum)
        {
            (_lastLine, _lastSum) = (now, sum);
            if (mode == WatchMode.Lines) lines.Add(ProgressTable.Line(now, Rows(now, progress, items)));
            else if (mode == WatchMode.Documents)
                terminal.Out.WriteLine(EventJson.Line(new ProgressDocument(Math.Round(now.TotalSeconds, 3), items, [.. progress.Select(StepDocument.Of)])));
        }
        Write(lines, []);
    }

    private List<StepRow> Rows(TimeSpan now, IReadOnlyList<StepProgress> progress, long? items) =>
        [.. progress.Select((step, i) => StepRow.Of(step, _expected!.Of(i, items), _rates!.Of(i, now, step), _expected.FollowsItems(i)))];

    /// <summary>What has come in since the last look; documents are written on the way.</summary>
    private List<string> Lines()
    {
        var lines = new List<string>();
        var documents = new StringBuilder();
        while (Observer.Events.TryRead(out var happened))
            if (mode != WatchMode.Documents) AddLine(lines, EventText.Of(happened));
            else if (EventDocument.Of(happened) is { } document) documents.Append(EventJson.Line(document)).Append('\n');
        if (documents.Length > 0 && !_gone) terminal.Out.Write(documents.ToString());
        while (_said.TryDequeue(out var said)) AddLine(lines, said);
        var interrupted = interrupts.Stop.IsCancellationRequested ? 2 : interrupts.Finish.IsCancellationRequested ? 1 : 0;
        if (interrupted > _interruptsTold && _run is not null)
        {
            _interruptsTold = interrupted;
            var running = _run.Progress.Sum(step => step.Running);
            if (interrupted == 2) lines.Add("Stopping now.");
            else if (running > 0) lines.Add($"Interrupted: waiting for {Words.Count(running, "running job")} to end; Ctrl-C again stops now.");
        }
        return lines;
    }

    private static void AddLine(List<string> lines, string? text)
    {
        if (text is not null) lines.Add(Words.Name(text));
    }

    private void Write(List<string> lines, List<string> block)
    {
        if (_gone) return;
        if (mode == WatchMode.Live) _block.Draw(lines, block);
        else foreach (var line in lines) terminal.Error.WriteLine(line);
    }
}
