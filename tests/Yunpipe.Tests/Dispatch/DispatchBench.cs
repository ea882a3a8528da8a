using System.Text;
using Microsoft.Extensions.Time.Testing;
using Yunpipe.Algorithms;
using Yunpipe.Deployments;
using Yunpipe.Dispatch;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Items;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Dispatch;

/// <summary>A deployment in memory: an input that tells what happens to it, queues, and workers that write manifests. What happens is delivered
/// when and how the test says.</summary>
internal sealed class DispatchBench
{
    private readonly SortedDictionary<string, (string Text, InputFile File)> _input = new(StringComparer.Ordinal);
    private readonly DeployedWorkflow _deployed;
    private long _sequence;

    public DispatchBench(string workflow, int quiet = 300)
    {
        var algorithms = new Dictionary<string, string>
        {
            ["copy"] = "{name: copy, command: [copy, '${image}'], inputs: [image], outputs: {out: '${stem}.copy'}}",
            ["pair"] = "{name: pair, command: [pair, '${a}', '${b}'], inputs: [a, b], outputs: {out: '${stem}.pair'}}",
            ["join"] = "{name: join, command: [join, '${parts}'], inputs: {parts: {list: true}}, outputs: {out: '${stem}.joined'}}",
            ["scale"] = "{name: scale, command: [scale, '${image}', '${sigma}'], inputs: [image], outputs: {out: '${stem}.scaled'}, variables: {sigma: {type: number, default: 1}}}",
            ["cut"] = "{name: cut, command: [cut, '${image}'], inputs: [image], outputs: {tiles: {path: '*.tile', each: true}}}",
            ["folders"] = "{name: folders, command: [folders, '${a}', '${b}'], inputs: {a: {kind: directory}, b: {kind: directory}}, outputs: {out: '${stem}.folded'}}",
            ["folder"] = "{name: folder, command: [folder, '${image}'], inputs: {image: {kind: directory}}, outputs: {out: '${stem}.folded'}}",
        };
        Reading<Algorithm> Find(string name, string _) => AlgorithmReader.Read(algorithms[name], name + ".yaml", "");
        var plan = Planner.Plan(WorkflowReader.Read(workflow, "w.yaml", "", Find).OrThrow()).OrThrow();
        var deployment = new Deployment
        {
            Name = "w", Version = "test", Workflow = DeploymentWriter.Workflow(DocumentReader.Read(workflow, "w.yaml").OrThrow()),
            Algorithms = plan.Steps.Select(step => step.Step.AlgorithmReference).Distinct().ToDictionary(name => name, name => DeploymentWriter.Algorithm(Find(name, "").OrThrow())),
            Input = new BucketPlace("in"), Store = new BucketPlace("out"), Limits = new DeployedLimits { QuietSeconds = quiet },
            Steps = [.. plan.Steps.Select(step => new DeployedStep { Name = step.Name, Identity = Digest.Of(Encoding.UTF8.GetBytes(step.Name)).ToString(), Program = step.Name, Queue = step.Name,
                Variants = step.Variants is [{ Meta.Count: 0 }] ? [] : [.. step.Variants.Select(variant => new DeployedVariant(
                    variant.Values.ToDictionary(value => value.Key, value => new DeployedValue(value.Value.Items)), [.. variant.Meta.Select(axis => new DeployedAxis(axis.Key, axis.Value))]))] })],
        };
        _deployed = DeployedWorkflow.Read(deployment.ToJson(), Path.GetTempPath(), new NoLauncher()).OrThrow();
        Dispatcher = Another();
    }

    public MemoryStore Store { get; } = new();
    public MemoryNotes Notes { get; } = new();
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Messages that wait, one entry each.</summary>
    public List<Job> Queue { get; } = [];

    /// <summary>All that was ever sent, as <c>step key</c>.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>What happened and was not delivered yet.</summary>
    public List<StoreEvent> Happened { get; } = [];

    /// <summary>What people were told.</summary>
    public List<(string Subject, string Text)> Told { get; } = [];

    /// <summary>Whether nobody can be told anything just now.</summary>
    public bool IsMute { get; set; }

    /// <summary>Keys of jobs whose algorithm fails.</summary>
    public HashSet<string> Poison { get; } = [];

    /// <summary>Steps whose queue refuses.</summary>
    public HashSet<string> Refusing { get; } = [];

    public Dispatcher Dispatcher { get; private set; }

    /// <summary>A dispatcher that remembers nothing, as after a cold start.</summary>
    public Dispatcher Another(TimeProvider? time = null) => Dispatcher = new(new DispatcherParts(_deployed, Store, Notes,
        new InputListing(List, (path, directories, _) => ValueTask.FromResult(Stat(path, directories)), (path, _) => ValueTask.FromResult(_input.TryGetValue(path, out var file) ? file.Text : null)),
        Send, time ?? Time, $"d{++_sequence}") { Settled = Settled, Tell = Tell });

    public void Put(string path, string text = "1", bool tell = true)
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        var file = new InputFile(new SourceFile(path, text.Length, "etag-" + text), Time.GetUtcNow().ToUnixTimeMilliseconds());
        _input[path] = (text, file);
        if (tell) Happened.Add(new StoreEvent.InputWritten(file, (++_sequence).ToString("X10")));
    }

    public void Remove(string path)
    {
        _input.Remove(path);
        Happened.Add(new StoreEvent.InputRemoved(path, (++_sequence).ToString("X10")));
    }

    /// <summary>Delivers everything, as it happened.</summary>
    public async Task<Handled> Deliver()
    {
        var events = Happened.ToList();
        Happened.Clear();
        return await Dispatcher.Handle(events, default);
    }

    /// <summary>Workers take everything that waits.</summary>
    public async Task Work()
    {
        foreach (var job in Queue.ToList()) await Work(job);
        Queue.Clear();
    }

    public async Task Work(Job job)
    {
        if (await Store.Find(job.Step, job.Id, default) is { } done)
        {
            await Store.MakeView(done with { Order = Math.Max(done.Order, job.Order) }, [], default);
            return;
        }
        // The fetch of a file is conditional on its version.
        if (job.Inputs.SelectMany(input => input.Members).Any(member => member.Part.File.Place == Place.Input && Stat(member.Part.File.Path, member.Part.File.IsDirectory)?.File.Version != member.Part.File.Version)) return;
        if (Poison.Contains(job.Key))
            await Store.SetAside(new FailureRecord { Job = job.Id.ToString(), Step = job.Step, Key = job.Key, Origin = job.Origin, Meta = job.Meta, Cause = Cause.ExitCode, Sentence = "Poison.", Attempts = [] }, default);
        else
        {
            var content = string.Join('|', job.Inputs.SelectMany(input => input.Members).Select(member => member.Part.File.Version));
            var step = _deployed.Plan.Steps.First(other => other.Name == job.Step);
            var outputs = step.Algorithm.Outputs.SelectMany(port => port.Each ? Enumerable.Range(0, 1 + content.Count(c => c == '+')).Select(n => (Port: port.Name, Path: $"t{n}.tile")) : [(Port: port.Name, Path: job.Key + "." + port.Name)]).ToList();
            var folder = Directory.CreateTempSubdirectory("yunpipe-dispatch-");
            foreach (var (_, path) in outputs)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.FullName, path))!);
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, path), "x");
            }
            await Store.Commit(new Manifest
            {
                Job = job.Id.ToString(), Step = job.Step, Key = job.Key, Origin = job.Origin, Meta = job.Meta, Content = job.Id.ToString(), Algorithm = job.Step, Variables = new Dictionary<string, string>(),
                Inputs = [.. job.Inputs.SelectMany(input => input.Members.Select(member => new ManifestInput(input.Port, member.Key, member.Part.File.Version, null, 1)))],
                Outputs = [.. outputs.Select(output => new ManifestOutput(output.Port, output.Path, 1, Digest.Of(Encoding.UTF8.GetBytes($"{job.Step} {content} {output}")).ToString()))],
                Attempts = [new AttemptRecord("a", 0, Time.GetUtcNow().ToUnixTimeMilliseconds(), null)], Missing = job.Missing.Count > 0 ? job.Missing : null, Order = job.Order,
            }, folder.FullName, default);
            folder.Delete(recursive: true);
        }
        Happened.Add(new StoreEvent.Recorded(job.Step, job.Id.ToString()));
    }

    /// <summary>Steps in whose queue nothing waits.</summary>
    public IReadOnlySet<string> Empty => _deployed.Steps.Select(step => step.Name).Where(step => Queue.All(job => job.Step != step)).ToHashSet();

    /// <summary>One minute: what is due, and a stretch of the sweep.</summary>
    public async Task Minute()
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        var before = Sent.Count;
        await Dispatcher.LookAtDue(100, Empty, default);
        await Dispatcher.Sweep(1000, Empty, default);
        await Dispatcher.Tell(Queue.Count == 0 && Sent.Count == before, default);
    }

    /// <summary>Everything is delivered and worked on until nothing is left, minute by minute.</summary>
    public async Task Settle(int minutes = 15)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            while (Happened.Count + Queue.Count > 0)
            {
                await Deliver();
                await Work();
            }
            await Minute();
        }
        Queue.ShouldBeEmpty();
    }

    /// <summary>Current results as <c>step key</c>.</summary>
    public async Task<IReadOnlyList<string>> Done()
    {
        var done = new List<string>();
        await foreach (var manifest in Store.Manifests(null, default)) done.Add($"{manifest.Step} {manifest.Key}");
        return [.. done.Order(StringComparer.Ordinal)];
    }

    /// <summary>Keys below a prefix whose current job at a step is one that the input as it is now would make, in order.</summary>
    public async Task<IReadOnlyList<string>> Current(string step, string prefix)
    {
        var current = new SortedSet<string>(StringComparer.Ordinal);
        var source = ItemSource.Open(_deployed.Plan.Workflow.Input).OrThrow();
        foreach (var found in source.Read(_input.Values.Select(entry => entry.File.File).ToList()))
            if (found.Item is { } item && item.Key.StartsWith(prefix, StringComparison.Ordinal) && await Store.FindItem(step, item.Key, default) is not null && !Poison.Contains(item.Key)) current.Add(item.Key);
        return [.. current];
    }

    /// <summary>What a run on one machine would still do over the same input and records: the other implementation is the judge.</summary>
    public async Task<long> LeftToDo(List<string>? told = null)
    {
        var source = ItemSource.Open(_deployed.Plan.Workflow.Input, path => Stat(path, false)?.File).OrThrow();
        var preview = new RunPreview(_deployed.Plan, _deployed.Steps, Store, planned => told?.Add($"{planned.Step} {planned.Key}: {planned.Why}"));
        var files = _input.Values.Select(entry => entry.File.File).ToList();
        var forecasts = await preview.Walk(() => source.Read(files).ToAsyncEnumerable(), default);
        return forecasts.Sum(forecast => forecast.ToRun + forecast.Following);
    }

    private async Task<IReadOnlySet<string>?> Settled(string step, bool failures, int most, CancellationToken cancel)
    {
        var jobs = failures ? await Store.Failures(step, cancel).Select(failure => failure.Job).ToHashSetAsync(cancellationToken: cancel) : await Store.Manifests(step, cancel).Select(manifest => manifest.Job).ToHashSetAsync(cancellationToken: cancel);
        return jobs.Count > most ? null : jobs;
    }

    private Task Send(StepProgram step, IReadOnlyList<Job> jobs, CancellationToken cancel)
    {
        if (Refusing.Contains(step.Name)) throw new IOException("The queue refuses.");
        lock (Queue)
        {
            Queue.AddRange(jobs.OrderBy(job => job.Key, StringComparer.Ordinal));
            Sent.AddRange(jobs.Select(job => $"{job.Step} {job.Key}"));
        }
        return Task.CompletedTask;
    }

    private Task Tell(string subject, string text, CancellationToken cancel)
    {
        if (IsMute) throw new IOException("Nobody answers.");
        lock (Told) Told.Add((subject, text));
        return Task.CompletedTask;
    }

    private InputFile? Stat(string path, bool directories)
    {
        if (_input.TryGetValue(path, out var file)) return file.File;
        var inside = directories ? _input.Where(entry => entry.Key.StartsWith(path + "/", StringComparison.Ordinal)).ToList() : [];
        return inside.Count == 0 ? null : new InputFile(new SourceFile(path, inside.Count, "tree-" + string.Join(',', inside.Select(entry => entry.Value.Text)), IsDirectory: true), inside.Max(entry => entry.Value.File.Time));
    }

    private async IAsyncEnumerable<InputFile> List(string prefix, string? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var (path, file) in _input.ToList())
            if (path.StartsWith(prefix, StringComparison.Ordinal) && (after is null || string.CompareOrdinal(path, after) > 0)) yield return file.File;
    }
}
