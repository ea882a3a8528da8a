using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Local.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>An output as expected and as found; null where a test says nothing of it, or it was not written.</summary>
internal sealed record AlgorithmTestOutput(string Port, string? Expected, string? Found);

/// <summary>How a test went: without flaws it passed.</summary>
internal sealed record AlgorithmTestResult(AlgorithmTest Test, int Exit, double Milliseconds, IReadOnlyList<string> Flaws, IReadOnlyList<AlgorithmTestOutput> Outputs)
{
    public const string Present = "present";

    public bool Passed => Flaws.Count == 0;

    public AlgorithmTestDocument ToDocument() => new(Test.Name, Passed, Exit, Math.Round(Milliseconds / 1000, 3), Flaws, Outputs);
}

/// <summary>One test of an algorithm: its sample files, copied since the algorithm may be told to write to them, and one job over them.</summary>
internal sealed class AlgorithmTestBench : IDisposable
{
    private readonly AlgorithmTest _test;
    private readonly SingleJob _job;

    private AlgorithmTestBench(Algorithm algorithm, AlgorithmTest test) => (_test, _job) = (test, new SingleJob(algorithm, test.Name, test.Variables, test.Inputs));

    public string Input => _job.Input;

    public Plan Plan => _job.Plan;

    /// <summary>Brings the test's files; with a problem where one is not there.</summary>
    public static AlgorithmTestBench Make(Algorithm algorithm, AlgorithmTest test, out Problem? missing)
    {
        var bench = new AlgorithmTestBench(algorithm, test);
        missing = null;
        foreach (var (port, files) in test.Inputs)
            foreach (var file in files)
            {
                var source = Path.Combine(algorithm.Directory, file);
                var target = bench._job.PlaceOf(port, file);
                if (File.Exists(source)) File.Copy(source, target, overwrite: true);
                else if (Directory.Exists(source)) CopyFolder(source, target);
                else missing ??= new Problem("YP5033", $"“{source}”, an input of the test “{test.Name}”, is not there.", algorithm.Source);
            }
        return bench;
    }

    public async Task<AlgorithmTestResult> Run(StepProgram step, StoreLayout layout, CancellationToken cancel) => Judge(await _job.Run(step, layout, cancel));

    private AlgorithmTestResult Judge(SingleJobEnd end)
    {
        var done = end.Done;
        var flaws = new List<string>();
        var outputs = new List<AlgorithmTestOutput>();
        if (done.Cause != EndCause.Exited || done.Exit != _test.ExitCode)
            flaws.Add(end.Failure?.Sentence ?? string.Create(CultureInfo.InvariantCulture, $"It ended with exit code {done.Exit}; {_test.ExitCode} is expected."));
        else if (end.Failure is null)
        {
            var (found, failure) = end.Find();
            if (failure is not null) flaws.Add(failure.Sentence);
            foreach (var port in _job.Algorithm.Outputs)
            {
                var files = found.Where(output => output.Port == port.Name).ToList();
                var digest = files.Count switch { 0 => null, 1 => files[0].Digest, _ => string.Join(' ', files.Select(file => file.Digest)) };
                var expected = _test.Outputs.GetValueOrDefault(port.Name);
                outputs.Add(new AlgorithmTestOutput(port.Name, expected, digest));
                if (failure is null && expected is not null) Compare(port.Name, expected, digest, files.Count, flaws);
            }
        }
        if (flaws.Count > 0 && done.Tail.Length > 0) flaws.AddRange(done.Tail.TrimEnd().Split('\n').TakeLast(5).Select(line => "| " + line));
        return new AlgorithmTestResult(_test, done.Exit, done.Use.Wall, flaws, outputs);
    }

    private static void Compare(string port, string expected, string? digest, int files, List<string> flaws)
    {
        if (digest is null) flaws.Add($"The output “{port}” was not written.");
        else if (expected != AlgorithmTestResult.Present && files > 1) flaws.Add($"The output “{port}” has {files} files, which one digest cannot name; write “{AlgorithmTestResult.Present}”.");
        else if (expected != AlgorithmTestResult.Present && expected != digest) flaws.Add($"The output “{port}” is {digest}; {expected} is expected.");
    }

    private static void CopyFolder(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    public void Dispose() => _job.Dispose();
}
