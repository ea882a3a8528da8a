using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Work;

namespace Yunpipe.Agent.Hand;

/// <summary>One call of the algorithm, in a folder of its own beside the results, with the same places, command and environment that a worker gives it.
/// Results are moved out of it by one rename each, so that nothing is half there.</summary>
internal sealed class HandCall(
    Algorithm algorithm, IReadOnlyDictionary<string, VariableValue> values, HandJob job, ResultFolder results, IReadOnlyDictionary<string, string> environment) : IDisposable
{
    private readonly string _root = Path.Combine(results.Path, $".yunpipe-{Guid.NewGuid():N}"[..17]);
    private readonly SlotLimits _limits = new(
        algorithm.Resources.Cpu, algorithm.Resources.MemorySuggested.Bytes, algorithm.Resources.Gpu, algorithm.Resources.Pids, algorithm.Resources.SharedMemory.Bytes);

    public int Run(Interruption interruption)
    {
        var inputs = Link();
        var scope = new CommandScope
        {
            Algorithm = algorithm, Inputs = inputs.Paths, Values = values, Out = _root + "/out", Tmp = _root + "/tmp", Key = job.Key, Path = job.Key,
            Stem = Stem.Of(job.Key), Cpu = _limits.Cpu, MemoryMb = (int)Math.Min(int.MaxValue, _limits.Memory >> 20), Gpu = _limits.Gpu,
            Tables = inputs.Tables, Directories = inputs.Folders, FileName = port => inputs.Paths.GetValueOrDefault(port) is [var file, ..] ? Path.GetFileName(file) : null,
        };
        OutputPattern? NameOf(Template path) => OutputPattern.Of(path, scope.Text);
        if (Outputs.Flaw(algorithm, NameOf) is { } flaw) return Fail(HandCodes.Outputs, ReservedExit.Outputs, flaw.Sentence);
        // What is known before anything runs need not be waited for.
        foreach (var port in algorithm.Outputs)
            if (NameOf(port.Path) is { IsWild: false } name && Refused(port, name.ToString()) is { } refusal) return refusal;

        var child = new Dictionary<string, string>(environment, StringComparer.Ordinal);
        foreach (var (name, value) in CommandLine.Environment(scope, null, _limits)) child[name] = value;
        var run = AttemptRequest.Process(scope, _root, scope.Out, scope.Tmp) with { Environment = child, Timeout = (long)algorithm.Resources.Timeout.TotalMilliseconds };
        if (Spawn.Find(run.Arguments[0], child.GetValueOrDefault("PATH", SpawnWords.UsualPath).Split(':')) is not { } file)
            return Fail(HandCodes.NoProgram, ReservedExit.NotFound, SpawnWords.NotFound(run.Arguments[0]));
        var places = new FixedPlaces(Attempt.FixedPlaces(algorithm, inputs, _root));
        using var files = new Redirection();
        try
        {
            if ((places.Make() ?? files.Open(run)) is { } standing) return Fail(HandCodes.NoProgram, ReservedExit.NotStarted, standing);
            var (cause, ended, notStarted) = new Foreground(interruption).Run(file, run, files);
            if (notStarted is not null) return Fail(HandCodes.NoProgram, ReservedExit.NotStarted, notStarted);
            return Ended(cause, ended, NameOf);
        }
        finally
        {
            places.Remove();
        }
    }

    /// <summary>Takes the results where the algorithm ended well. A code of the algorithm passes as it is.</summary>
    private int Ended(EndCause cause, Posix.Ended ended, Func<Template, OutputPattern?> nameOf)
    {
        var code = ended.Exited ? ended.ExitCode : 128 + ended.Signal;
        switch (cause)
        {
            case EndCause.TimedOut:
                return Fail(HandCodes.Ended, ReservedExit.TimedOut, $"It did not end within its timeout of {Failure.Duration(algorithm.Resources.Timeout)}.");
            case EndCause.Stopped:
                return code == 0 ? Fail(HandCodes.Ended, ReservedExit.Stopped, "It was asked to end; there is no result.") : code;
            case EndCause.OutOfMemory:
                return Fail(HandCodes.Ended, code, "It needed more memory than the container has.");
            case EndCause.Signalled:
                return Fail(HandCodes.Ended, code, $"It was ended by {Failure.SignalName(ended.Signal)}.");
        }
        var meaning = algorithm.ExitCodes.GetValueOrDefault(code);
        if (meaning is not null) HandWords.Say($"{job.Key}: {meaning.Says.TrimEnd('.', ' ')} (exit code {code}).");
        if (code != 0 && meaning?.Kind != ExitKind.Success) return code;
        var published = Publish(nameOf);
        return published == 0 ? code : published;
    }

    private int Publish(Func<Template, OutputPattern?> nameOf)
    {
        var (found, failure) = Outputs.Match(_root + "/out", algorithm, nameOf, linksMayLeave: true);
        if (failure is not null) return Fail(HandCodes.Outputs, ReservedExit.Outputs, failure.Sentence);
        foreach (var (port, path) in found)
            if (Refused(port, path) is { } refusal) return refusal;
        foreach (var (port, path) in found) results.Take($"{_root}/out/{path}", Prefix(port) + path);
        return 0;
    }

    private int? Refused(OutputPort port, string path) =>
        results.Refuses(Prefix(port) + path, this, job.Inputs.Values.SelectMany(paths => paths)) is { } why ? Fail(HandCodes.Name, ReservedExit.Outputs, why) : null;

    /// <summary>One image's results stand in the folder itself; of several, as a run would lay them (docs/decisions/0002-view-paths.md).</summary>
    private string Prefix(OutputPort port) => job.Several ? ViewPath.Folder(job.Key, Stem.Of(job.Key), port) : "";

    /// <summary>Links every input into the call's folder, under its own name.</summary>
    private SeenInputs Link()
    {
        foreach (var name in (ReadOnlySpan<string>)["in", "out", "tmp"]) Directory.CreateDirectory(Path.Combine(_root, name));
        var (paths, folders, tables) = (new Dictionary<string, IReadOnlyList<string>>(), new Dictionary<string, string>(), new Dictionary<string, string>());
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in algorithm.Inputs)
        {
            if (!job.Inputs.TryGetValue(port.Name, out var files)) continue;
            var seen = new List<string>(files.Count);
            foreach (var file in files)
            {
                var place = port.List ? port.Name + "/" : "";
                for (var n = 1; !taken.Add(place + Path.GetFileName(file)); n++) place = $"{port.Name}/{n}/";
                Directory.CreateDirectory($"{_root}/in/{place}");
                File.CreateSymbolicLink($"{_root}/in/{place}{Path.GetFileName(file)}", file);
                seen.Add($"{_root}/in/{place}{Path.GetFileName(file)}");
            }
            paths[port.Name] = seen;
            folders[port.Name] = port.List ? $"{_root}/in/{port.Name}" : $"{_root}/in";
            if (!algorithm.Command.Tokens.Any(token => token.Names.Contains(port.Name + ReservedNames.TableSuffix))) continue;
            tables[port.Name] = $"{_root}/in/{port.Name}.csv";
            File.WriteAllText(tables[port.Name], CommandLine.Table([.. files.Select(Member)], seen));
        }
        return new SeenInputs(paths, folders, tables);
    }

    private static InputMember Member(string path) =>
        new(Path.GetFileName(path), Part.Of(new ItemFile(Place.Input, Path.GetFileName(path), "", 0)), new Dictionary<string, string>());

    private int Fail(string code, int exit, string sentence) => HandWords.Fail(exit, $"{code}: {job.Key}: {sentence}");

    public void Dispose() => AttemptFolders.Delete(_root);
}
