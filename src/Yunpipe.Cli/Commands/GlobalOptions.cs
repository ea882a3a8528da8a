using System.CommandLine;

namespace Yunpipe.Cli.Commands;

/// <summary>Options that every verb understands.</summary>
internal static class GlobalOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Write JSON, one document per line.", Recursive = true };
    public static Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Say only what went wrong.", Recursive = true };
    public static Option<bool> Verbose { get; } = new("--verbose") { Description = "Show where in the program an unexpected error arose.", Recursive = true };

    public static IReadOnlyList<Option> All { get; } = [Json, Quiet, Verbose];
}
