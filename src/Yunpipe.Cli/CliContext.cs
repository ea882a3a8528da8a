using Yunpipe.Cli.Console;

namespace Yunpipe.Cli;

/// <summary>What a command may use of the world; made once, in Program.cs.</summary>
/// <param name="Folder">Where this program's companions lie: agent and toolbox.</param>
internal sealed record CliContext(Terminal Terminal, IReadOnlyDictionary<string, string> Environment, string Folder, TimeProvider Time, Interrupts Interrupts)
{
    public string AgentPath => Path.Combine(Folder, "yunpipe-agent");
}

/// <summary>What the exit code says (docs/reference/exit-codes.md).</summary>
internal static class ExitCode
{
    public const int AllDone = 0, Bug = 1, Usage = 2, SomeSetAside = 3, NothingToRun = 4, Held = 5, GaveUp = 6, Interrupted = 130;
}
