using Yunpipe.Algorithms;
using Yunpipe.Images;
using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>Finds what a job left in its folder of outputs, by the ports that the algorithm declares.</summary>
public static class Outputs
{
    /// <summary>Null where every output has a name that can be; found before anything runs, since the algorithm would write there.</summary>
    public static Failure? Flaw(StepProgram step, Job job) => Flaw(step.Algorithm, path => CommandLine.OutputOf(step, job, path));

    /// <param name="name">What an output is called; null where a value that it needs is missing.</param>
    public static Failure? Flaw(Algorithm algorithm, Func<Template, OutputPattern?> name)
    {
        foreach (var (what, path) in Named(algorithm))
        {
            if (!path.Names.Any() || name(path) is not { } pattern) continue;
            if (pattern.Escapes) return new Failure(Cause.OutputName, $"The {what} would be called “{pattern}”, which leads out of the job's folder.");
            if (ItemKey.Flaw(pattern.ToString()) is { } flaw) return new Failure(Cause.OutputName, $"The {what} would be called “{pattern}”, which {flaw}.");
        }
        return null;
    }

    private static IEnumerable<(string What, Template Path)> Named(Algorithm algorithm)
    {
        foreach (var port in algorithm.Outputs) yield return ($"output “{port.Name}”", port.Path);
        if (algorithm.Stdout is { } stdout) yield return ("standard output", stdout);
        if (algorithm.Stderr is { } stderr) yield return ("error output", stderr);
        foreach (var config in algorithm.Configs) yield return ($"configuration file “{config.Name}”", config.Path);
    }

    /// <summary>The outputs with their digests, or the failure of the first that is not as declared.</summary>
    public static (IReadOnlyList<ManifestOutput> Outputs, Failure? Failure) Find(string folder, StepProgram step, Job job)
    {
        var (found, failure) = Match(folder, step.Algorithm, path => CommandLine.OutputOf(step, job, path), step.Launcher.InputsAreWritable);
        return failure is null ? ([.. found.Select(output => Hashed(folder, output.Port, output.Path))], null) : ([], failure);
    }

    /// <summary>What a process left by the declared names, as paths below the folder; or the failure of the first that is not as declared.</summary>
    /// <param name="name">What an output is called; null where a value that it needs is missing.</param>
    /// <param name="linksMayLeave">True where the process saw this file system as we do: what an output's link leads to then becomes the output.</param>
    public static (IReadOnlyList<(OutputPort Port, string Path)> Found, Failure? Failure) Match(
        string folder, Algorithm algorithm, Func<Template, OutputPattern?> name, bool linksMayLeave)
    {
        if (algorithm.Outputs.Count == 0) return ([], null);
        // Whatever stands there instead, a link to somebody's home even, would be taken for outputs and cleared of everything else.
        if (new DirectoryInfo(folder) is not { Exists: true, LinkTarget: null }) return ([], new Failure(Cause.OutputMissing, "The algorithm removed or replaced its folder for outputs."));
        var files = Entries(folder, algorithm.Outputs.Where(port => port.Directory).Select(port => name(port.Path)).OfType<OutputPattern>().ToList());
        var found = new List<(OutputPort Port, string Path)>();
        // A file goes to the output that calls it by its name, and only then to one with a wildcard.
        foreach (var (port, pattern) in algorithm.Outputs.Select(port => (port, name(port.Path))).OrderBy(declared => declared.Item2?.IsWild))
        {
            if (pattern is null) continue;
            var any = false;
            foreach (var (path, isDirectory) in files)
            {
                if (isDirectory != port.Directory || !pattern.Matches(path) || found.Any(other => other.Path == path)) continue;
                var (taken, failure) = Take(folder, path, port, linksMayLeave);
                if (failure is not null) return ([], failure);
                if (!taken) continue;
                found.Add((port, path));
                any = true;
            }
            if (!any && port.Required) return ([], Missing(port, pattern, files));
        }
        return (found, null);
    }

    private static ManifestOutput Hashed(string folder, OutputPort port, string path)
    {
        var full = Path.Combine(folder, path);
        if (!port.Directory) return new ManifestOutput(port.Name, path, new FileInfo(full).Length, ContentDigest.OfFile(full).ToString());
        var (digest, size, count) = ContentDigest.OfDirectory(full);
        return new ManifestOutput(port.Name, path, size, digest.ToString(), count);
    }

    /// <summary>True where the file counts as the output; false where it is too small to.</summary>
    private static (bool Taken, Failure? Failure) Take(string folder, string path, OutputPort port, bool linksMayLeave)
    {
        if (ItemKey.Flaw(path) is { } flaw) return (false, new Failure(Cause.OutputName, $"The algorithm wrote a file whose name “{path}” {flaw}."));
        if (port.Directory) return (true, null);
        var full = Path.Combine(folder, path);
        var file = new FileInfo(full);
        if (file.LinkTarget is not null)
        {
            // A link would break when its target goes: the output is the content.
            if (Posix.RealPath(full) is not { } target || !File.Exists(target))
                return (false, new Failure(Cause.OutputName, $"The output “{path}” is a link that leads nowhere{(linksMayLeave ? "" : " outside the container")}."));
            // What a container calls /etc is not what this machine calls so.
            if (!linksMayLeave && !target.StartsWith(Posix.RealPath(folder) + "/", StringComparison.Ordinal))
                return (false, new Failure(Cause.OutputName, $"The output “{path}” is a link that leads out of the job's folder."));
            file.Delete();
            File.Copy(target, full);
            file = new FileInfo(full);
        }
        if (file.Length >= port.Minimum.Bytes) return (true, null);
        return (false, port.Required ? new Failure(Cause.OutputMissing, $"The output “{path}” has {file.Length} bytes; at least {port.Minimum} are expected.") : null);
    }

    private static Failure Missing(OutputPort port, OutputPattern pattern, IReadOnlyList<(string Path, bool)> files)
    {
        var wrote = files.Count switch
        {
            0 => "it wrote no file at all",
            <= 3 => $"it wrote {string.Join(", ", files.Select(file => $"“{file.Path}”"))}",
            _ => $"it wrote “{files[0].Path}” and {files.Count - 1} other files",
        };
        return new Failure(Cause.OutputMissing, $"The algorithm ended well but did not write its output “{pattern}” ({port.Name}); {wrote}.");
    }

    private static List<(string Path, bool IsDirectory)> Entries(string folder, IReadOnlyList<OutputPattern> directories)
    {
        var entries = new List<(string, bool)>();
        void Walk(string at, string prefix)
        {
            foreach (var entry in new DirectoryInfo(at).EnumerateFileSystemInfos())
            {
                var path = prefix + entry.Name;
                if (entry is DirectoryInfo { LinkTarget: null } && !directories.Any(pattern => pattern.Matches(path))) Walk(entry.FullName, path + "/");
                else entries.Add((path, entry is DirectoryInfo));
            }
        }
        Walk(folder, "");
        entries.Sort((a, b) => string.CompareOrdinal(a.Item1, b.Item1));
        return entries;
    }

    /// <summary>A folder with just these outputs: the attempt's own without what was not declared, or one of the job's where a batch shares it.</summary>
    public static string SetApart(AttemptFolder attempt, IReadOnlyList<ManifestOutput> outputs, bool alone, JobId job)
    {
        if (alone)
        {
            var declared = outputs.Select(output => output.Path).ToHashSet(StringComparer.Ordinal);
            foreach (var (path, isDirectory) in Entries(attempt.Out, [.. outputs.Where(output => output.IsDirectory).Select(output => OutputPattern.Literal(output.Path))]))
                if (!declared.Contains(path) && !isDirectory) File.Delete(Path.Combine(attempt.Out, path));
            return attempt.Out;
        }
        var folder = Path.Combine(attempt.Root, "out-" + job);
        foreach (var output in outputs)
        {
            var target = Path.Combine(folder, output.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (output.IsDirectory) Directory.Move(Path.Combine(attempt.Out, output.Path), target);
            else File.Move(Path.Combine(attempt.Out, output.Path), target);
        }
        return folder;
    }
}
