using System.CommandLine;
using System.CommandLine.Parsing;

namespace Yunpipe.Cli.Commands;

/// <summary>The arguments of a command line before and behind “--”.</summary>
internal static class CommandWords
{
    public static (IReadOnlyList<string> Before, IReadOnlyList<string> Behind) Split(ParseResult parse)
    {
        var words = parse.CommandResult.Tokens.Select(token => token.Value).ToList();
        var behind = parse.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        return (words[..^behind], words[^behind..]);
    }

    /// <summary>An argument that looks like an option is a misspelt one.</summary>
    public static string? UnknownOption(ParseResult parse) => Split(parse).Before.FirstOrDefault(word => word.Length > 1 && word[0] == '-');
}
