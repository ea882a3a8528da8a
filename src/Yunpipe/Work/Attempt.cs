using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>The files of one attempt: brings the inputs, and afterwards finds the outputs.</summary>
public sealed class Attempt(AttemptFolder folder, StepProgram step, IStore store, ILocation input, DigestCache digests)
{
    private const int AtOnce = 16;
    private readonly List<string> _links = [];
    private bool _madeFolders;
    private readonly Dictionary<ItemFile, string> _found = [];
    private readonly Dictionary<ItemFile, string> _results = [];

    /// <summary>Results of earlier steps that this job can write to, with the time of their last change.</summary>
    private readonly List<(string Path, DateTime Written)> _kept = [];

    public AttemptFolder Folder => folder;

    /// <summary>Everything that was put into the attempt's <c>in</c>; null where that was more than files.</summary>
    public IReadOnlyList<string>? Links => _madeFolders ? null : _links;

    public string SeenRoot { get; } = step.Launcher.Seen(folder.Root);

    public string SeenIn { get; } = step.Launcher.Seen(folder.In);

    /// <summary>The inputs by name, key, version and digest, as the manifest keeps them; null where one is not there in its version any more.</summary>
    public async ValueTask<(IReadOnlyList<ManifestInput>? Inputs, string? Changed)> Verify(Job job, CancellationToken cancel)
    {
        var inputs = new List<ManifestInput>(job.Inputs.Count);
        foreach (var port in job.Inputs)
            foreach (var member in port.Members)
            {
                foreach (var file in (ReadOnlySpan<ItemFile>)[member.Part.File, .. member.Part.Sidecars])
                    if (file.Place == Place.Job)
                        inputs.Add(new ManifestInput(port.Port, member.Key, file.Version, file.Version, file.Size));
                    else
                        inputs.Add(new ManifestInput(port.Port, member.Key, file.Version, null, file.Size));
            }
        var files = job.Inputs.SelectMany(port => port.Members).SelectMany(member => member.Part.Sidecars.Prepend(member.Part.File)).ToList();
        if (await Bring(files, Place.Input, _found, input.Fetch, cancel) is { } changed) return (null, changed.Path);
        for (var at = 0; at < files.Count; at++)
            if (files[at] is { Place: Place.Input } file) inputs[at] = inputs[at] with { Digest = digests.Of(_found[file], file.Version, file.IsDirectory) };
        return (inputs, null);
    }

    /// <summary>Brings files side by side, since those of a bucket come one request each; the first that is not there any more, or null.</summary>
    private async ValueTask<ItemFile?> Bring(
        IEnumerable<ItemFile> files, Place place, Dictionary<ItemFile, string> found, Func<ItemFile, string, CancellationToken, ValueTask<string?>> fetch, CancellationToken cancel)
    {
        var wanted = files.Where(file => file.Place == place && !found.ContainsKey(file)).Distinct().ToList();
        if (wanted.Count == 1)
        {
            if (await fetch(wanted[0], folder.Tmp, cancel) is not { } path) return wanted[0];
            found[wanted[0]] = path;
            return null;
        }
        var paths = new string?[wanted.Count];
        await Parallel.ForAsync(0, wanted.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (at, stop) => paths[at] = await fetch(wanted[at], folder.Tmp, stop));
        for (var at = 0; at < wanted.Count; at++)
        {
            if (paths[at] is not { } path) return wanted[at];
            found[wanted[at]] = path;
        }
        return null;
    }

    /// <summary>Links every input into the attempt's folder, under its own name.</summary>
    public async ValueTask<SeenInputs> Fetch(IReadOnlyList<JobInput> inputs, CancellationToken cancel)
    {
        var paths = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        var tables = new Dictionary<string, string>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        if (await Bring(inputs.SelectMany(port => port.Members).SelectMany(member => member.Part.Sidecars.Prepend(member.Part.File)), Place.Job, _results, store.Fetch, cancel) is { } gone)
            throw new FileNotFoundException($"The output “{gone.Path}” of an earlier step is not kept any more.");
        if (step.Launcher.InputsAreWritable)
            foreach (var (file, path) in _results)
                if (!file.IsDirectory) _kept.Add((path, File.GetLastWriteTimeUtc(path)));
        foreach (var input in inputs)
        {
            var port = step.Algorithm.Inputs.First(candidate => candidate.Name == input.Port);
            var seen = new List<string>(input.Members.Count);
            for (var i = 0; i < input.Members.Count; i++)
            {
                var member = input.Members[i];
                var place = port.List ? PlaceOf(port.Name, member, taken) : taken.Add(member.Part.File.Name) ? "" : port.Name + "/";
                taken.Add(place + member.Part.File.Name);
                seen.Add(Link(member.Part.File, place));
                foreach (var sidecar in member.Part.Sidecars) Link(sidecar, place);
            }
            paths[port.Name] = seen;
            folders[port.Name] = port.List ? $"{SeenIn}/{port.Name}" : SeenIn;
            if (!step.Algorithm.Command.Tokens.Any(token => token.Names.Contains(port.Name + ".table"))) continue;
            var table = Path.Combine(folder.In, $"{port.Name}.csv");
            await File.WriteAllTextAsync(table, CommandLine.Table(input.Members, seen), cancel);
            _links.Add(table);
            tables[port.Name] = $"{SeenIn}/{port.Name}.csv";
        }
        return new SeenInputs(paths, folders, tables);
    }

    /// <summary>The links that an algorithm with fixed places wants.</summary>
    public IReadOnlyList<AgentLink> FixedPlaces(SeenInputs inputs) => FixedPlaces(step.Algorithm, inputs, SeenRoot);

    /// <param name="seenRoot">The folder of the attempt as the algorithm sees it.</param>
    public static IReadOnlyList<AgentLink> FixedPlaces(Algorithm algorithm, SeenInputs inputs, string seenRoot)
    {
        var links = new List<AgentLink>();
        foreach (var port in algorithm.Inputs)
            if (port.Path is { } at && inputs.Paths.TryGetValue(port.Name, out var paths))
                links.Add(at.EndsWith('/') || port.List ? new AgentLink(at.TrimEnd('/'), inputs.Folders[port.Name]) : new AgentLink(at, paths[0]));
        foreach (var port in algorithm.Outputs)
            if (port.Path.Source.StartsWith('/'))
            {
                var place = port.Path.Source[..port.Path.Source.LastIndexOf('/')];
                if (place.Length > 0 && !links.Any(link => link.At == place)) links.Add(new AgentLink(place, seenRoot + "/out"));
            }
        return links;
    }

    /// <summary>Null where every input is still as it was before the process ran; otherwise nobody knows of which bytes the outputs are made.</summary>
    public async ValueTask<Failure?> Spoiled(CancellationToken cancel)
    {
        foreach (var file in _found.Keys)
            if (!await input.IsUnchanged(file, cancel))
                return new Failure(Cause.InputChanged, step.Launcher.InputsAreWritable
                    ? $"The input “{file.Path}” changed while the job ran: the algorithm wrote to it, or somebody replaced it."
                    : $"The input “{file.Path}” changed while the job ran: somebody replaced it.");
        foreach (var (path, written) in _kept)
            if (File.GetLastWriteTimeUtc(path) != written)
                return new Failure(Cause.InputWritten, $"The algorithm wrote to its input “{Path.GetFileName(path)}”, which is the result of an earlier step and may not change.");
        return null;
    }

    private string Link(ItemFile file, string place)
    {
        var path = file.Place == Place.Input ? _found[file] : _results[file];
        if (place.Length > 0) Directory.CreateDirectory(Path.Combine(folder.In, place));
        _madeFolders |= place.Length > 0;
        var link = Path.Combine(folder.In, place + file.Name);
        if (!step.Launcher.InputsAreWritable && LeadsElsewhere(path, file.Path)) Copy(path, link);
        else File.CreateSymbolicLink(link, step.Launcher.Seen(path));
        if (place.Length == 0) _links.Add(link);
        return $"{SeenIn}/{place}{file.Name}";
    }

    /// <summary>A link of the user's, to the file or to a folder above it, may lead to where no container sees it.</summary>
    private static bool LeadsElsewhere(string path, string below) => Posix.RealPath(path) != $"{Posix.RealPath(path[..^(below.Length + 1)])}/{below}";

    private static void Copy(string path, string target)
    {
        if (Directory.Exists(path))
            foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(target, Path.GetRelativePath(path, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
        else File.Copy(path, target);
    }

    /// <summary>Members keep the folders of their keys, so that equal names do not meet.</summary>
    private static string PlaceOf(string port, InputMember member, HashSet<string> taken)
    {
        var place = $"{port}/{member.Key[..(member.Key.LastIndexOf('/') + 1)]}";
        for (var n = 2; taken.Contains(place + member.Part.File.Name); n++) place = $"{port}/{n}/";
        return place;
    }
}
