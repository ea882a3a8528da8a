using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm test</c>: runs a descriptor's sample invocations and compares exit codes and outputs.</summary>
internal static class AlgorithmTestCommand
{
    public static Command Create(CliContext context)
    {
        var name = AlgorithmCommand.Argument();
        var launcher = Launching.Option();
        var update = new Option<bool>("--update") { Description = "Write the digests that were found into the file, in the place of those that differ." };
        var command = new Command("test", "Runs the tests of a descriptor, and compares exit codes and digests of outputs.") { name, launcher, update };
        command.SetAction((parse, cancel) => Run(context, parse.GetRequiredValue(name), parse.GetValue(launcher), parse.GetValue(update), parse.GetValue(GlobalOptions.Json), cancel));
        return command;
    }

    private static async Task<int> Run(CliContext context, string name, string? launcher, bool update, bool json, CancellationToken cancel)
    {
        var terminal = context.Terminal;
        var found = context.Algorithms.Find(name, "");
        if (found.Value is not { } algorithm) return terminal.Tell(found.Problems, json);
        if (algorithm.Tests.Count == 0)
        {
            terminal.Error.WriteLine($"{algorithm.Name} has no tests. A descriptor lists them under “tests”: a name, inputs, and the outputs that are expected.");
            return ExitCode.NothingToRun;
        }
        using var references = new ReferenceData(context, json);
        var results = new List<AlgorithmTestResult>();
        foreach (var test in algorithm.Tests)
        {
            var result = await Run(context, algorithm, test, references, launcher, cancel);
            if (result.Value is not { } ended) return terminal.Tell(result.Problems, json);
            results.Add(ended);
            if (json) continue;
            terminal.Out.WriteLine($"{(ended.Passed ? "passed" : "FAILED")}  {Words.Name(test.Name)} ({Words.Time(TimeSpan.FromMilliseconds(ended.Milliseconds))})");
            foreach (var flaw in ended.Flaws) terminal.Out.WriteLine($"        {flaw}");
        }
        var changed = update ? Update(terminal, algorithm, results, json) : [];
        var failed = results.Count(result => !result.Passed && !result.Outputs.Any(changed.Contains));
        if (json) terminal.Json(new AlgorithmTestsDocument(algorithm.Name, results.Count - failed, failed, [.. results.Select(result => result.ToDocument())]), VerbsJson.Default.AlgorithmTestsDocument);
        else terminal.Out.WriteLine($"{algorithm.Name}: {results.Count - failed} passed, {failed} failed.");
        return failed == 0 ? ExitCode.AllDone : ExitCode.SomeSetAside;
    }

    private static async Task<Reading<AlgorithmTestResult>> Run(CliContext context, Algorithm algorithm, AlgorithmTest test, ReferenceData references, string? launcher, CancellationToken cancel)
    {
        using var bench = AlgorithmTestBench.Make(algorithm, test, out var missing);
        if (missing is not null) return new(null, [missing]);
        var file = new WorkflowFile(bench.Plan, bench.Input, null, null);
        await using var programs = await StepsInScratch.Find(context, file, references, launcher, new Capacity(int.MaxValue, 0, [.. Enumerable.Range(0, 64)], 1), cancel);
        if (programs.Steps.Value is not { } steps) return new(null, programs.Steps.Problems);
        return new(await bench.Run(steps[0], programs.Layout, cancel), []);
    }

    /// <summary>A digest that stands once in the file is replaced there; every other is told, to be written by hand.</summary>
    private static HashSet<AlgorithmTestOutput> Update(Terminal terminal, Algorithm algorithm, List<AlgorithmTestResult> results, bool json)
    {
        var path = algorithm.Source.File;
        var written = new HashSet<AlgorithmTestOutput>();
        var different = results.SelectMany(result => result.Outputs.Where(output => output.Found is not null && output.Expected is not null && output.Expected != output.Found && output.Expected != AlgorithmTestResult.Present)).ToList();
        if (!File.Exists(path) || different.Count == 0) return written;
        var text = File.ReadAllText(path);
        foreach (var output in different)
        {
            var at = text.IndexOf(output.Expected!, StringComparison.Ordinal);
            if (at < 0 || text.IndexOf(output.Expected!, at + 1, StringComparison.Ordinal) >= 0) terminal.Error.WriteLine($"To be written by hand: {output.Port} is {output.Found}.");
            else
            {
                text = text[..at] + output.Found + text[(at + output.Expected!.Length)..];
                written.Add(output);
            }
        }
        if (written.Count == 0) return written;
        if (WrittenFile.Write(path, text) is { } problem)
        {
            terminal.Tell([problem], json);
            return [];
        }
        if (!json) terminal.Out.WriteLine($"{Words.Path(path)}: {Words.Count(written.Count, "digest")} written. Look at the outputs once, before you trust them.");
        return written;
    }
}

internal sealed record AlgorithmTestsDocument(string Algorithm, int Passed, int Failed, IReadOnlyList<AlgorithmTestDocument> Tests);

internal sealed record AlgorithmTestDocument(string Name, bool Passed, int Exit, double Seconds, IReadOnlyList<string> Flaws, IReadOnlyList<AlgorithmTestOutput> Outputs);
