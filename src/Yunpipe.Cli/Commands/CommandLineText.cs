using Yunpipe.Algorithms;

namespace Yunpipe.Cli.Commands;

/// <summary>Command lines that a person is to copy into a shell.</summary>
internal static class CommandLineText
{
    public static string Quote(string argument) => CommandPreview.ToLine([argument]);

    public static string Of(IEnumerable<string> arguments) => CommandPreview.ToLine([.. arguments]);
}
