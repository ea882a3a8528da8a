using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm run</c>: an algorithm once, on one image. Its variables are options, so the command is made anew for each algorithm.</summary>
internal static class AlgorithmRunCommand
{
    private const string Verb = "run", About = "Runs an algorithm once, on one image. Its variables are options: “yunpipe algorithm run ALGORITHM --help” lists them.";

    /// <param name="args">The command line, which names the algorithm.</param>
    public static Command Create(CliContext context, IReadOnlyList<string> args)
    {
        if (Named(args) is not { } name) return Unnamed();
        var found = context.Algorithms.Find(name, "");
        var output = new Option<string>("--output", "-o") { Description = "The folder for results.", HelpName = "DIR", DefaultValueFactory = _ => "." };
        var launcher = Launching.Option();
        var named = new Argument<string>("algorithm") { Description = "A file, a name of the toolbox, or a wrapped image.", HelpName = "ALGORITHM" };
        if (found.Value is not { } algorithm)
        {
            var failing = new Command(Verb, About) { named };
            failing.TreatUnmatchedTokensAsErrors = false;
            failing.SetAction(parse => context.Terminal.Tell(found.Problems, parse.GetValue(GlobalOptions.Json)));
            return failing;
        }
        var options = new VariableOptions(algorithm, [output.Name, launcher.Name, "--set", "--help", .. GlobalOptions.All.Select(option => option.Name)]);
        var command = new Command(Verb, $"{algorithm.Name}{(algorithm.Version.Length > 0 ? " " + algorithm.Version : "")}{(algorithm.Description.Length > 0 ? ": " + algorithm.Description : "")}") { named };
        options.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(launcher);
        command.SetAction((parse, _) => Run(context, algorithm, options, parse, parse.GetRequiredValue(output), parse.GetValue(launcher), context.Interrupts.Finish));
        return command;
    }

    private static Command Unnamed() => new(Verb, About) { AlgorithmCommand.Argument() };

    /// <summary>The word behind “algorithm run”; null for another command line, and where an option stands there.</summary>
    private static string? Named(IReadOnlyList<string> args)
    {
        var words = args.SkipWhile(word => word.StartsWith('-')).ToList();
        return words is ["algorithm", Verb, var name, ..] && !name.StartsWith('-') ? name : null;
    }

    private static async Task<int> Run(CliContext context, Algorithm algorithm, VariableOptions options, ParseResult parse, string output, string? launcher, CancellationToken cancel)
    {
        var (terminal, json) = (context.Terminal, parse.GetValue(GlobalOptions.Json));
        var problems = new ProblemList();
        var inputs = options.Inputs(parse, problems);
        var values = options.Values(parse, problems);
        if (problems.Count == 0) problems.AddRange(VariableValues.Resolve(algorithm, values, default).Problems);
        if (problems.Count > 0) return terminal.Tell(problems.Sorted(), json);

        using var job = new SingleJob(algorithm, algorithm.Name, values, inputs);
        foreach (var (port, files) in inputs)
            foreach (var path in files)
                if (job.PlaceOf(port, path) is var place && !Path.Exists(place)) File.CreateSymbolicLink(place, Path.GetFullPath(path));
                else return terminal.Tell([new Problem("YP5035", $"Two files of the input {Wording.Quote(port)} are called {Wording.Quote(Path.GetFileName(path))}.", null, "Give one of them another name.")], json);
        var file = new WorkflowFile(job.Plan, job.Input, null, null);
        using var references = new ReferenceData(context, json || parse.GetValue(GlobalOptions.Quiet));
        await using var programs = await StepsInScratch.Find(context, file, references, launcher, new Capacity(int.MaxValue, 0, [.. Enumerable.Range(0, 64)], 1), cancel);
        if (programs.Steps.Value is not { } steps) return terminal.Tell(programs.Steps.Problems, json);
        var end = await job.Run(steps[0], programs.Layout, context.Interrupts.Finish);
        if (end.Done.Tail.Length > 0 && !json && !parse.GetValue(GlobalOptions.Quiet)) terminal.Error.WriteLine(end.Done.Tail.TrimEnd());
        var (found, failure) = end.Failure is { } failed ? ([], failed) : end.Find();
        failure ??= await end.Attempt.Spoiled(CancellationToken.None);
        return failure is not null ? Fail(terminal, algorithm, end, failure, json) : Keep(terminal, algorithm, end, found, output, json);
    }

    private static int Fail(Terminal terminal, Algorithm algorithm, SingleJobEnd end, Failure failure, bool json)
    {
        if (json) terminal.Json(new OnceDocument(algorithm.Name, false, end.Done.Exit, Math.Round(end.Done.Use.Wall / 1000, 3), failure.Sentence, []), VerbsJson.Default.OnceDocument);
        else terminal.Error.WriteLine($"{algorithm.Name}: {failure.Sentence}");
        return failure.Cause == Cause.Stopped ? ExitCode.Interrupted : ExitCode.SomeSetAside;
    }

    private static int Keep(Terminal terminal, Algorithm algorithm, SingleJobEnd end, IReadOnlyList<ManifestOutput> found, string output, bool json)
    {
        var files = new List<OnceFile>();
        try
        {
            foreach (var each in found)
            {
                var target = Path.Combine(output, each.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
                var made = Path.Combine(end.Attempt.Folder.Out, each.Path);
                if (each.IsDirectory) CopyFolder(made, target);
                else File.Copy(made, target, overwrite: true);
                files.Add(new OnceFile(each.Port, target, each.Size));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return terminal.Tell([new Problem("YP5025", $"{Wording.Quote(Words.Path(output))} cannot be written: {error.Message.TrimEnd('.')}.")], json);
        }
        if (json) terminal.Json(new OnceDocument(algorithm.Name, true, end.Done.Exit, Math.Round(end.Done.Use.Wall / 1000, 3), null, files), VerbsJson.Default.OnceDocument);
        else
            foreach (var file in files) terminal.Out.WriteLine(Words.Name(file.Path));
        return ExitCode.AllDone;
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var folder in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(Path.Combine(target, Path.GetRelativePath(source, folder)));
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(target, Path.GetRelativePath(source, file)), overwrite: true);
    }
}

/// <param name="Failure">One sentence; absent where it ended well.</param>
internal sealed record OnceDocument(string Algorithm, bool Ok, int Exit, double Seconds, string? Failure, IReadOnlyList<OnceFile> Outputs);

/// <param name="Path">Where it lies now.</param>
internal sealed record OnceFile(string Output, string Path, long Bytes);
