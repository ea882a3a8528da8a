using Yunpipe.Runs;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>How fast each step goes: jobs that ended over the last half minute, sampled once a second.</summary>
internal sealed class StepRates(int steps)
{
    private const int Window = 30;
    private readonly (TimeSpan At, long[] Ended)[] _samples = new (TimeSpan, long[])[Window + 1];
    private int _count;

    public void Sample(TimeSpan now, IReadOnlyList<StepProgress> progress)
    {
        if (_count > 0 && now - _samples[(_count - 1) % _samples.Length].At < TimeSpan.FromSeconds(1)) return;
        var ended = new long[steps];
        for (var i = 0; i < steps; i++) ended[i] = Ended(progress[i]);
        _samples[_count++ % _samples.Length] = (now, ended);
    }

    /// <summary>Jobs a second; 0 while none ended.</summary>
    public double Of(int step, TimeSpan now, StepProgress progress)
    {
        if (_count == 0) return 0;
        var (at, ended) = _samples[_count <= _samples.Length ? 0 : _count % _samples.Length];
        var seconds = (now - at).TotalSeconds;
        return seconds < 0.5 ? 0 : (Ended(progress) - ended[step]) / seconds;
    }

    private static long Ended(StepProgress step) => step.Ran + step.Adopted + step.SetAside;
}
