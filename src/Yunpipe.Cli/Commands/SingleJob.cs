using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>One job of one algorithm outside of any workflow: its inputs in a folder of their own, a folder for each port.</summary>
/// <param name="name">What the step is called.</param>
/// <param name="inputs">By port: files as they are named, whose last names they keep.</param>
internal sealed class SingleJob(Algorithm algorithm, string name, IReadOnlyDictionary<string, VariableValue> variables, IReadOnlyDictionary<string, IReadOnlyList<string>> inputs) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yunpipe-job-").FullName;

    public Algorithm Algorithm => algorithm;

    /// <summary>Whoever makes the job puts its files here, at <see cref="PlaceOf"/>.</summary>
    public string Input => Directory.CreateDirectory(Path.Combine(_folder, "in")).FullName;

    public string PlaceOf(string port, string file) => Path.Combine(Directory.CreateDirectory(Path.Combine(Input, port)).FullName, Path.GetFileName(file.TrimEnd('/')));

    public Plan Plan
    {
        get
        {
            var step = new Step { Name = "one", AlgorithmReference = algorithm.Name, Algorithm = algorithm, Variables = variables, Source = algorithm.Source };
            var workflow = new Workflow { Name = name, Input = new InputSpec(), Steps = [step] };
            return new Plan(workflow, [new PlanStep(step, 0, 0, 0, [], []) { Values = VariableValues.Resolve(algorithm, variables, algorithm.Source).OrThrow() }]);
        }
    }

    /// <summary>Runs it. What it wrote lies in the attempt's folder.</summary>
    public async Task<SingleJobEnd> Run(StepProgram step, StoreLayout layout, CancellationToken cancel)
    {
        var location = new FolderLocation(Input);
        var given = algorithm.Inputs.Where(port => inputs.ContainsKey(port.Name)).Select(port => new JobInput(port.Name, [.. inputs[port.Name].Select(file => Member(location, port, file))])).ToList();
        var key = given.SelectMany(input => input.Members).Select(member => member.Part.File.Name).FirstOrDefault() ?? algorithm.Name;
        var job = new Job
        {
            Id = JobIdentity.OfJob(step.Name, step.Identity, step.Variables, given), Step = step.Name, Key = key, Origin = key, Meta = new Dictionary<string, string>(),
            Variables = step.Variables, Inputs = given,
        };
        await using var store = new MemoryStore();
        var attempt = new Attempt(new AttemptFolders(layout.Attempts, step.Name).Take().Make(), step, store, location, new DigestCache());
        await attempt.Verify(job, cancel);
        var done = step.Launcher.Run(step.Program, step.Limits, await AttemptRequest.Of(step, [job], step.Limits, attempt, cancel), cancel);
        return new SingleJobEnd(step, job, attempt, done);
    }

    private static InputMember Member(FolderLocation location, InputPort port, string file)
    {
        var known = location.Stat($"{port.Name}/{Path.GetFileName(file.TrimEnd('/'))}")!.Value;
        var item = new ItemFile(Place.Input, known.Path, known.Version, known.Size, known.IsDirectory);
        return new InputMember(item.Name, Part.Of(item), new Dictionary<string, string>());
    }

    public void Dispose() => AttemptFolders.Delete(_folder);
}

/// <summary>How the job's process ended, and where what it wrote lies.</summary>
internal sealed record SingleJobEnd(StepProgram Step, Job Job, Attempt Attempt, AgentDone Done)
{
    /// <summary>Null where the process ended well.</summary>
    public Failure? Failure => Failure.From(Done, Step.Algorithm, Step.Limits, Attempt.Folder.Root);

    public (IReadOnlyList<ManifestOutput> Outputs, Failure? Failure) Find() => Work.Outputs.Find(Attempt.Folder.Out, Step, Job);
}
