namespace Yunpipe.Runs;

/// <summary>Where a piece of work runs: on any thread of the pool, or behind the piece at whose end it begins, on the same thread. The latter saves
/// waking another thread, which takes as long as all that is to be written down about a small job.</summary>
internal static class Succession
{
    /// <summary>This thread is inside <see cref="Run"/>, which looks for a successor when the piece lets go of it.</summary>
    [ThreadStatic] private static bool _returns;
    [ThreadStatic] private static bool _isOpen;
    [ThreadStatic] private static Func<Task>? _next;

    /// <summary>Starts a piece of work, which deals with its own errors.</summary>
    public static void Start(Func<Task> work)
    {
        if (_isOpen && _next is null) _next = work;
        else ThreadPool.UnsafeQueueUserWorkItem(static work => Run(work), work, preferLocal: false);
    }

    /// <summary>Lets the first piece that <paramref name="starter"/> starts follow on this thread. Only for one who has next to nothing left to do.</summary>
    public static void Follow(Action starter)
    {
        _isOpen = _returns;
        try
        {
            starter();
        }
        finally
        {
            _isOpen = false;
        }
    }

    private static void Run(Func<Task>? work)
    {
        _returns = true;
        for (; work is not null; (work, _next) = (_next, null)) _ = work();
        _returns = false;
    }
}
