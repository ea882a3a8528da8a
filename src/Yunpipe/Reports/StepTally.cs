using Yunpipe.Stores;

namespace Yunpipe.Reports;

/// <summary>Counts one step while its records stream by. Its size does not depend on their number.</summary>
internal sealed class StepTally(string name)
{
    private readonly QuantileSketch _wall = new(), _cpu = new(), _memory = new();
    private readonly SortedDictionary<string, long> _retries = new(StringComparer.Ordinal);
    private long _done, _adopted, _setAside, _superseded, _attempts, _in, _out, _read, _written, _ranOut, _ranOutAt, _asked, _askedAt = long.MinValue, _last;
    private double _lost, _usedWall, _usedCpu;

    public string Name => name;
    public long FirstStarted { get; private set; } = long.MaxValue;

    public void Done(Manifest manifest)
    {
        if (manifest.OutputsOf is not null) { _adopted++; return; }
        _done++;
        foreach (var input in manifest.Inputs) _in += input.Size;
        foreach (var output in manifest.Outputs) _out += output.Size;
        if (manifest.Attempts.Count > 0) Ask(manifest.Attempts[0]);
        foreach (var attempt in manifest.Attempts)
            if (attempt.Cause is { } cause) Retry(cause);
    }

    public void Supersede() => _superseded++;

    public void SetAside(FailureRecord failure)
    {
        _setAside++;
        if (failure.Attempts.Count > 0) Ask(failure.Attempts[0]);
        foreach (var attempt in failure.Attempts.SkipLast(1))
            if (attempt.Cause is { } cause) Retry(cause);
    }

    /// <summary>One process, whether it worked for one job or for a batch of them.</summary>
    public void Add(AttemptRecord attempt)
    {
        _attempts++;
        FirstStarted = Math.Min(FirstStarted, attempt.Started);
        _last = Math.Max(_last, attempt.Ended);
        var wall = attempt.Use?.Wall ?? attempt.Ended - attempt.Started;
        if (attempt.Cause is null) _wall.Add(wall);
        else _lost += wall;
        if (attempt.Cause == Cause.OutOfMemory)
        {
            _ranOut++;
            _ranOutAt = Math.Max(_ranOutAt, attempt.MemoryLimit ?? 0);
        }
        if (attempt.Use is not { } use) return;
        if (attempt.Cause is null) _cpu.Add(use.Cpu);
        _usedWall += use.Wall;
        _usedCpu += use.Cpu;
        if (use.PeakMemory > 0) _memory.Add(use.PeakMemory);
        _read += use.Read ?? 0;
        _written += use.Written ?? 0;
    }

    public StepReport Report(SubjectStep? subject) => new(
        name, _done, _adopted, _setAside, _superseded, _attempts, new Spread(_wall), new Spread(_cpu), _lost,
        MemoryAdvice.Of(_memory, _asked > 0 ? _asked : subject?.Memory ?? 0, _ranOut, _ranOutAt), subject?.Cpu, _usedWall > 0 ? _usedCpu / _usedWall : 0,
        _in, _out, _read, _written, _retries, FirstStarted == long.MaxValue ? 0 : FirstStarted, _last);

    /// <summary>The first try of the newest job says what is asked for now: later tries may have been given more.</summary>
    private void Ask(AttemptRecord first)
    {
        if (first.Started < _askedAt) return;
        (_asked, _askedAt) = (first.MemoryLimit ?? 0, first.Started);
    }

    private void Retry(Cause cause) => _retries[Figures.Code(cause)] = _retries.GetValueOrDefault(Figures.Code(cause)) + 1;
}
