namespace Yunpipe.Cli.Console;

/// <summary>Questions to a person, where there is one.</summary>
internal static class Asking
{
    extension(Terminal terminal)
    {
        /// <summary>True where somebody sees the question and can answer it.</summary>
        public bool CanAsk => terminal.IsTerminal && !System.Console.IsInputRedirected;

        /// <summary>Asks a question; only a clear yes is one.</summary>
        public bool Agree(string question)
        {
            terminal.Error.Write($"{question} [y/N] ");
            return System.Console.In.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
        }
    }
}
