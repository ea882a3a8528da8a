namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>What happens to a request besides its answer.</summary>
internal enum Fault { None, Error, SlowDown, Reset, LostAnswer, CutAnswer, Silence, Conflict }

/// <summary>Faults at a rate, in an order that a seed fixes.</summary>
internal sealed class Faults(double rate, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private readonly Fault[] _kinds = [Fault.Error, Fault.SlowDown, Fault.Reset, Fault.LostAnswer, Fault.CutAnswer, Fault.Silence, Fault.Conflict];
    private int _made;

    /// <summary>How many there were, so that a test can see that it tested something.</summary>
    public int Made => Volatile.Read(ref _made);

    public Fault Next()
    {
        if (rate <= 0) return Fault.None;
        lock (_lock)
        {
            if (_random.NextDouble() >= rate) return Fault.None;
            Interlocked.Increment(ref _made);
            return _kinds[_random.Next(_kinds.Length)];
        }
    }
}

/// <summary>A fault for the first request that a test picks.</summary>
internal sealed class ScriptedFaults
{
    private int _made;

    public Func<HttpRequest, Fault> When { get; set; } = _ => Fault.None;

    public int Made => Volatile.Read(ref _made);

    public Fault Next(HttpRequest request)
    {
        var fault = When(request);
        return fault == Fault.None || Interlocked.CompareExchange(ref _made, 1, 0) != 0 ? Fault.None : fault;
    }
}
