using System.Runtime.InteropServices;
using System.Text;

namespace Yunpipe.Cli.Console;

/// <summary>Where a command writes: results to Out, everything about them to Error. With its neighbours the only place that touches the console.</summary>
internal sealed partial class Terminal
{
    private const int StandardError = 2, UsualWidth = 80, UsualHeight = 24;
    private const nuint AskForSize = 0x5413;
    private readonly bool _sized;

    /// <param name="isTerminal">True where a person looks at Error: then progress may be drawn over itself.</param>
    public Terminal(TextWriter @out, TextWriter error, bool isTerminal) => (Out, Error, IsTerminal) = (@out, error, isTerminal);

    private Terminal(TextWriter @out, TextWriter error, bool isTerminal, bool sized) : this(@out, error, isTerminal) => _sized = sized;

    public TextWriter Out { get; }
    public TextWriter Error { get; }
    public bool IsTerminal { get; }

    /// <summary>Columns, asked anew each time, since windows change their size.</summary>
    public int Width => Size().Columns;

    public int Height => Size().Rows;

    public static Terminal OfProcess(IReadOnlyDictionary<string, string> environment)
    {
        var drawable = environment.GetValueOrDefault("TERM", "dumb") != "dumb" && !environment.ContainsKey("CI");
        var terminal = !System.Console.IsErrorRedirected && drawable;
        return new Terminal(Writer(System.Console.OpenStandardOutput()), Writer(System.Console.OpenStandardError()), terminal, terminal);
    }

    /// <summary>What is piped in, as UTF-8.</summary>
    public static StreamReader OpenInput() => new(System.Console.OpenStandardInput());

    /// <summary>Bytes are UTF-8 whatever the locale says: file names are.</summary>
    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), bufferSize: 32768) { AutoFlush = true, NewLine = "\n" };

    private (int Columns, int Rows) Size()
    {
        var size = new WindowSize();
        return _sized && ioctl(StandardError, AskForSize, ref size) == 0 && size.Columns > 0 && size.Rows > 0 ? (size.Columns, size.Rows) : (UsualWidth, UsualHeight);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows, Columns, Width, Height;
    }

    [LibraryImport("libc")] private static partial int ioctl(int descriptor, nuint request, ref WindowSize size);
}
