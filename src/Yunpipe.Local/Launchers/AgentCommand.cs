namespace Yunpipe.Local.Launchers;

/// <summary>How an agent is started, and how what it may leave is cleared away.</summary>
/// <param name="Words">The command: its first word is the path of an executable.</param>
/// <param name="Environment">Whole environment, as <c>NAME=value</c>.</param>
/// <param name="Errors">A file for what the command writes to stderr.</param>
/// <param name="Clear">Ends what is left of an agent that did not end by itself: called before the command is killed.</param>
internal sealed record AgentCommand(IReadOnlyList<string> Words, IReadOnlyList<string> Environment, string Errors, Action Clear)
{
    /// <summary>How long it may take until it says hello.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to end once its stdin is closed.</summary>
    public TimeSpan EndPatience { get; init; } = TimeSpan.FromSeconds(5);
}
