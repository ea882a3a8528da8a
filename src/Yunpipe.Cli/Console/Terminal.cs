namespace Yunpipe.Cli.Console;

/// <summary>Where a command writes: results to Out, everything about them to Error. The only place that touches System.Console.</summary>
internal sealed class Terminal(TextWriter @out, TextWriter error, bool isTerminal, int width)
{
    public TextWriter Out { get; } = @out;
    public TextWriter Error { get; } = error;

    /// <summary>True where a person looks at Error: then progress may be drawn over itself.</summary>
    public bool IsTerminal { get; } = isTerminal;
    public int Width { get; } = width;

    public static Terminal OfProcess(IReadOnlyDictionary<string, string> environment)
    {
        var terminal = !System.Console.IsErrorRedirected && environment.GetValueOrDefault("TERM", "dumb") != "dumb" && !environment.ContainsKey("CI");
        var width = 80;
        if (terminal && System.Console.WindowWidth > 20) width = System.Console.WindowWidth;
        return new Terminal(System.Console.Out, System.Console.Error, terminal, width);
    }
}
