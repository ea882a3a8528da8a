using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary>The command tree, and how a command line is taken apart.</summary>
internal static class Root
{
    public static RootCommand Create(CliContext context, IReadOnlyList<string> args)
    {
        var root = new RootCommand("Runs workflows of image algorithms over folders of images, on this machine or in the cloud.")
        {
            RunCommand.Create(context),
            ItemsCommand.Create(context),
            PlanCommand.Create(context),
            StatusCommand.Create(context),
            FailuresCommand.Create(context),
            LogsCommand.Create(context),
            ReportCommand.Create(context),
            DebugCommand.Create(context),
            CleanCommand.Create(context),
            StoreCommand.Create(context),
            DeployCommand.Create(context),
            DoctorCommand.Create(context),
            SubmitCommand.Create(context),
            DestroyCommand.Create(context),
            WorkerCommand.Create(context),
            WorkflowCommand.Create(context),
            AlgorithmCommand.Create(context, args),
            WrapCommand.Create(context),
            UnwrapCommand.Create(context),
        };
        foreach (var option in GlobalOptions.All) root.Options.Add(option);
        return root;
    }

    /// <summary>Runs the command that the arguments name, and answers with its exit code.</summary>
    public static async Task<int> Invoke(CliContext context, string[] args)
    {
        // An argument that starts with “@” is a name like any other.
        var parse = Create(context, args).Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var terminal = context.Terminal;
        if (CommandWords.UnknownOption(parse) is { } unknown)
            return terminal.Tell([new Problem("YP5000", $"There is no option {Wording.Quote(unknown)}.", null, Wording.DidYouMean(unknown, OptionNames(parse)) ?? $"See {Path(parse)} --help.")]);
        if (parse.CommandResult.Command is RootCommand root && parse.UnmatchedTokens is [var word, ..])
            return terminal.Tell([new Problem("YP5000", $"There is no command {Wording.Quote(word)}.", null, Wording.DidYouMean(word, root.Subcommands.Select(verb => verb.Name)) ?? "See yunpipe --help.")]);
        if (parse.Errors.Count > 0 && parse.Action is ParseErrorAction)
            return terminal.Tell([.. parse.Errors.Select(error => error.Message).Distinct().Select(message => new Problem("YP5000", message, null, $"See {Path(parse)} --help."))]);
        try
        {
            var code = await parse.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            });
            return args.Length == 0 ? ExitCode.Usage : code;
        }
        catch (Exception error)
        {
            return terminal.Tell(error, parse.GetValue(GlobalOptions.Verbose));
        }
    }

    private static IEnumerable<string> OptionNames(ParseResult parse) =>
        parse.CommandResult.Command.Options.Concat(GlobalOptions.All).SelectMany(option => option.Aliases.Prepend(option.Name));

    private static string Path(ParseResult parse)
    {
        var names = new List<string>();
        for (var at = parse.CommandResult; at is not null; at = at.Parent as System.CommandLine.Parsing.CommandResult) names.Insert(0, at.Command is RootCommand ? "yunpipe" : at.Command.Name);
        return string.Join(' ', names);
    }
}
