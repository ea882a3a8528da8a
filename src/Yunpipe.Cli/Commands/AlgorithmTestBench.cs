using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;
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

/// <summary>One test of an algorithm: its sample files in a folder of their own, and a workflow of this one step over them.</summary>
internal sealed class AlgorithmTestBench : IDisposable
{
    private const string StepName = "test";

    private readonly Algorithm _algorithm;
    private readonly AlgorithmTest _test;
    private readonly string _folder = Directory.CreateTempSubdirectory("yunpipe-test-").FullName;

    private AlgorithmTestBench(Algorithm algorithm, AlgorithmTest test) => (_algorithm, _test) = (algorithm, test);

    public string Input => Path.Combine(_folder, "in");

    public Plan Plan
    {
        get
        {
            var step = new Step { Name = StepName, AlgorithmReference = _algorithm.Name, Algorithm = _algorithm, Variables = _test.Variables, Source = _algorithm.Source };
            var workflow = new Workflow { Name = _test.Name, Input = new InputSpec(), Steps = [step] };
            return new Plan(workflow, [new PlanStep(step, 0, 0, 0, [], []) { Values = VariableValues.Resolve(_algorithm, _test.Variables, _algorithm.Source).OrThrow() }]);
        }
    }

    /// <summary>Brings the test's files; with a problem where one is not there.</summary>
    public static AlgorithmTestBench Make(Algorithm algorithm, AlgorithmTest test, out Problem? missing)
    {
        var bench = new AlgorithmTestBench(algorithm, test);
        missing = null;
        foreach (var (port, files) in test.Inputs)
            foreach (var file in files)
            {
                var source = Path.Combine(algorithm.Directory, file);
                var target = Path.Combine(bench.Input, port, Path.GetFileName(file.TrimEnd('/')));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                if (File.Exists(source)) File.Copy(source, target, overwrite: true);
                else if (Directory.Exists(source)) CopyFolder(source, target);
                else missing ??= new Problem("YP5033", $"“{source}”, an input of the test “{test.Name}”, is not there.", algorithm.Source);
            }
        Directory.CreateDirectory(bench.Input);
        return bench;
    }

    public async Task<AlgorithmTestResult> Run(StepProgram step, StoreLayout layout, CancellationToken cancel)
    {
        var location = new FolderLocation(Input);
        var inputs = _algorithm.Inputs.Where(port => _test.Inputs.ContainsKey(port.Name)).Select(port => new JobInput(port.Name, [.. _test.Inputs[port.Name].Select(file => Member(location, port, file))])).ToList();
        var key = inputs.SelectMany(input => input.Members).Select(member => member.Part.File.Name).FirstOrDefault() ?? _algorithm.Name;
        var job = new Job
        {
            Id = JobIdentity.OfJob(StepName, step.Identity, step.Variables, inputs), Step = StepName, Key = key, Origin = key, Meta = new Dictionary<string, string>(),
            Variables = step.Variables, Inputs = inputs,
        };
        await using var store = new MemoryStore();
        var attempt = new Attempt(new AttemptFolders(layout.Attempts, "test").Take().Make(), step, store, location, new DigestCache());
        await attempt.Verify(job, cancel);
        var done = step.Launcher.Run(step.Program, step.Limits, await AttemptRequest.Of(step, [job], step.Limits, attempt, cancel), cancel);
        return Judge(step, job, attempt, done);
    }

    private AlgorithmTestResult Judge(StepProgram step, Job job, Attempt attempt, AgentDone done)
    {
        var flaws = new List<string>();
        var outputs = new List<AlgorithmTestOutput>();
        if (done.Cause != EndCause.Exited || done.Exit != _test.ExitCode)
            flaws.Add(Failure.From(done, _algorithm, step.Limits)?.Sentence ?? string.Create(CultureInfo.InvariantCulture, $"It ended with exit code {done.Exit}; {_test.ExitCode} is expected."));
        else if (Failure.From(done, _algorithm, step.Limits) is null)
        {
            var (found, failure) = Work.Outputs.Find(attempt.Folder.Out, step, job);
            if (failure is not null) flaws.Add(failure.Sentence);
            foreach (var port in _algorithm.Outputs)
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

    private static InputMember Member(FolderLocation location, InputPort port, string file)
    {
        var known = location.Stat($"{port.Name}/{Path.GetFileName(file.TrimEnd('/'))}")!.Value;
        var item = new ItemFile(Place.Input, known.Path, known.Version, known.Size, known.IsDirectory);
        return new InputMember(item.Name, Part.Of(item), new Dictionary<string, string>());
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

    public void Dispose() => AttemptFolders.Delete(_folder);
}
