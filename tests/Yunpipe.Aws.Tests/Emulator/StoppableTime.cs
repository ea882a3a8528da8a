namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>A clock that stands still when a test says so.</summary>
internal sealed class StoppableTime(TimeProvider time) : TimeProvider
{
    private DateTimeOffset? _stopped;

    public void Stop() => _stopped = time.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _stopped ?? time.GetUtcNow();
}
