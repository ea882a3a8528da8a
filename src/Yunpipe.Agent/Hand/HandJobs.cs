using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Workflows;

namespace Yunpipe.Agent.Hand;

/// <summary>Which calls the words of a person mean. The last place is the folder for the results; those before it are images for the first input
/// that is not given by name.
/// <code>
/// before the last place      the input takes        calls
/// a file                     one                    one
/// a folder                   files                  one for each file in it that the input accepts, folders below included
/// a folder                   folders                one, where the input accepts its name; else one for each accepted folder in it
/// several                    one                    each in turn
/// any                        a list                 one, with all of them
/// nothing                    (all given by name)    one
/// </code></summary>
internal static class HandJobs
{
    /// <summary>The key of a call that has no image of its own: of a list, as of a gather over all.</summary>
    private const string All = "all";

    /// <param name="results">The folder for the results, absolute.</param>
    public static Reading<IReadOnlyList<HandJob>> Find(Algorithm algorithm, HandArguments arguments, out string results)
    {
        var problems = new ProblemList();
        var folder = results = Results(algorithm, arguments, problems);
        if (problems.Count > 0) return problems.ToReading<IReadOnlyList<HandJob>>(null);
        var named = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var port in algorithm.Inputs)
            if (arguments.Inputs.TryGetValue(port.Name, out var words))
                named[port.Name] = [.. words.SelectMany(word => Expand(port, word, folder, problems)).Select(image => image.Path)];
        var free = algorithm.Inputs.FirstOrDefault(port => port.Required && !named.ContainsKey(port.Name)) ?? algorithm.Inputs.FirstOrDefault(port => !named.ContainsKey(port.Name));
        var places = arguments.Places.SkipLast(1).ToList();
        if (places.Count > 0 && free is null)
            problems.Add(HandCodes.Input, default, $"{Wording.Quote(places[0])} is one image too many.",
                algorithm.Inputs.Count == 0 ? $"{Wording.Quote(algorithm.Name)} takes none." : "All inputs are given by name.");
        var taken = places.Count > 0 ? free : null;
        foreach (var port in algorithm.Inputs)
            if (port.Required && !named.ContainsKey(port.Name) && port != taken)
                problems.Add(HandCodes.Input, default, places.Count > 0 ? $"The input {Wording.Quote(port.Name)} is missing." : "An image is missing.",
                    places.Count > 0 ? $"Give it as --{port.Name} FILE." : $"Write it before the folder: IMAGE.tif {arguments.Places[0]}.");
        foreach (var (name, paths) in named)
            if (paths.Count > 1 && algorithm.Inputs.First(port => port.Name == name) is { List: false })
                problems.Add(HandCodes.Input, default, $"--{name} takes one file, and the folder holds {paths.Count}.");
        if (problems.Count > 0) return problems.ToReading<IReadOnlyList<HandJob>>(null);

        var jobs = new List<HandJob>();
        if (taken is null) jobs.Add(new HandJob(named.Values.Select(paths => Path.GetFileName(paths[0])).FirstOrDefault() ?? All, false, named));
        else
        {
            var images = new List<(string Key, string Path)>();
            foreach (var place in places) images.AddRange(Expand(taken, place, folder, problems));
            if (taken.List) jobs.Add(new HandJob(All, false, With(named, taken, [.. images.Select(image => image.Path)])));
            else
            {
                var several = images.Count > 1 || images.Any(image => image.Key.Contains('/'));
                foreach (var (key, path) in images) jobs.Add(new HandJob(key, several, With(named, taken, [path])));
            }
        }
        return problems.ToReading<IReadOnlyList<HandJob>>(jobs);
    }

    private static string Results(Algorithm algorithm, HandArguments arguments, ProblemList problems)
    {
        if (arguments.Places.Count == 0)
        {
            problems.Add(HandCodes.Folder, default, algorithm.Inputs.Count > arguments.Inputs.Count ? "No image and no folder for the results are given." : "No folder for the results is given.",
                $"Write {(algorithm.Inputs.Count > arguments.Inputs.Count ? "IMAGE.tif " : "")}out/; --help shows more.");
            return "";
        }
        var last = arguments.Places[^1];
        if (arguments.Places.Any(string.IsNullOrEmpty))
        {
            problems.Add(HandCodes.Folder, default, "A name of an image or a folder is empty.");
            return "";
        }
        var path = Path.GetFullPath(last);
        if (File.Exists(path))
            problems.Add(HandCodes.Folder, default, $"The last place is the folder for the results, and {Wording.Quote(last)} is a file.", $"Write {last} out/.");
        else if (arguments.Places.Count == 1 && algorithm.Inputs.Any(port => port.Required && !arguments.Inputs.ContainsKey(port.Name)) && Path.HasExtension(last) && !last.EndsWith('/') && !Directory.Exists(path))
            problems.Add(HandCodes.Input, default, $"There is no {Wording.Quote(last)} here.", Mounted);
        return Path.TrimEndingDirectorySeparator(path);
    }

    private const string Mounted = "The container sees what is mounted: docker run -v \"$PWD:/data\" -w /data …";

    /// <summary>The images that a word means: a file itself, or what the input accepts in a folder.</summary>
    private static IEnumerable<(string Key, string Path)> Expand(InputPort port, string word, string results, ProblemList problems)
    {
        var path = word.Length == 0 ? "" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(word));
        var name = Path.GetFileName(path);
        var accepted = Glob.All(port.Accepts);
        var fits = accepted.Count == 0 || Glob.Any(accepted, name);
        if (File.Exists(path) && !port.Directory)
        {
            if (fits) return Named(name, path, problems);
            problems.Add(HandCodes.Input, default, $"{Wording.Quote(word)} is not what the input {Wording.Quote(port.Name)} takes.", $"It takes {Wording.AnyOf(port.Accepts)}.");
        }
        else if (File.Exists(path)) problems.Add(HandCodes.Input, default, $"{Wording.Quote(word)} is a file, and the input {Wording.Quote(port.Name)} takes a folder.");
        else if (!Directory.Exists(path)) problems.Add(HandCodes.Input, default, $"There is no {Wording.Quote(word)} here.", Mounted);
        else if (port.Directory && fits) return Named(name, path, problems);
        else
        {
            var found = Below(path, port, results, problems);
            if (found.Count > 0) return found;
            problems.Add(HandCodes.Input, default, $"The folder {Wording.Quote(word)} holds nothing that the input {Wording.Quote(port.Name)} takes.",
                port.Accepts.Count > 0 ? $"It takes {Wording.AnyOf(port.Accepts)}." : null);
        }
        return [];
    }

    /// <summary>What a run over this folder would take: the same files are left out (hidden ones, half-written ones).</summary>
    private static List<(string Key, string Path)> Below(string root, InputPort port, string results, ProblemList problems)
    {
        var filter = new FileFilter(new InputSpec { Include = port.Accepts, Directories = port.Directory }, null);
        var found = new List<(string, string)>();
        void Walk(string folder, string prefix)
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                var key = prefix + entry.Name;
                if (Directory.Exists(entry.FullName))
                {
                    if (entry.FullName == results) continue;
                    if (filter.StopsAt(key)) found.AddRange(Named(key, entry.FullName, problems));
                    // A link to a folder may lead in a circle.
                    else if (filter.Enters(key) && entry.LinkTarget is null) Walk(entry.FullName, key + "/");
                }
                else if (filter.Takes(new SourceFile(key, 0, ""))) found.AddRange(Named(key, entry.FullName, problems));
            }
        }
        Walk(root, "");
        return found;
    }

    private static (string Key, string Path)[] Named(string key, string path, ProblemList problems)
    {
        if (ItemKey.Flaw(key) is not { } flaw) return [(key, path)];
        problems.Add(HandCodes.Name, default, $"The name {Wording.Quote(key)} {flaw}.", "Rename it.");
        return [];
    }

    private static Dictionary<string, IReadOnlyList<string>> With(Dictionary<string, IReadOnlyList<string>> named, InputPort port, IReadOnlyList<string> paths) =>
        new(named, StringComparer.Ordinal) { [port.Name] = paths };
}
