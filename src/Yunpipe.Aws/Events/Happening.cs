namespace Yunpipe.Aws.Events;

/// <summary>One thing that an event tells, its key decoded.</summary>
public abstract record Happening
{
    /// <param name="Time">Milliseconds since 1970; 0 where the event does not say.</param>
    public sealed record Written(string Bucket, string Key, long Size, string ETag, string Sequencer, long Time) : Happening;

    public sealed record Removed(string Bucket, string Key, string Sequencer) : Happening;

    /// <summary>A spot instance will be taken back in two minutes.</summary>
    public sealed record InstanceEnds(string Instance) : Happening;
}

/// <summary>A message of a queue with all that it tells. <paramref name="Flaw"/> says why it cannot be read: to get it again would not help.</summary>
public sealed record EventMessage(string Id, IReadOnlyList<Happening> Happenings, string? Flaw);

/// <summary>What a Lambda invocation is for.</summary>
public abstract record Invocation
{
    /// <summary>Messages of a queue: the answer says which failed.</summary>
    public sealed record Messages(IReadOnlyList<EventMessage> All) : Invocation;

    /// <summary>Events that came straight from their source: a failure fails the invocation, which is then tried again.</summary>
    public sealed record Direct(IReadOnlyList<Happening> Happenings) : Invocation;

    /// <summary>The minute's round.</summary>
    public sealed record Minute : Invocation;

    /// <summary>Somebody asks: the command line, or another function.</summary>
    public sealed record Asked(DispatchRequest Request) : Invocation;

    public sealed record Unreadable(string Why) : Invocation;
}

/// <summary>What the command line, or any other function, asks of the dispatcher (docs/spec/dispatcher.md).</summary>
public sealed record DispatchRequest
{
    /// <summary><c>submit</c>, <c>retry</c> or <c>minute</c>.</summary>
    public required string Yunpipe { get; init; }

    /// <summary>What is submitted, where it is not all below the prefix.</summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>What is tried again: each <c>step/job</c>.</summary>
    public IReadOnlyList<string> Jobs { get; set; } = [];
    public string Prefix { get; set; } = "";
    public string? After { get; set; }
    public string? FromStep { get; set; }
    public bool Again { get; set; }
    public bool DryRun { get; set; }
}
