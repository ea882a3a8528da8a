using Yunpipe.Work;

namespace Yunpipe.Agent.Hand;

/// <summary>The folder that a person named for the results. A container's root writes into somebody's folder: what is made there belongs to
/// whoever owns the folder.</summary>
internal sealed class ResultFolder
{
    private readonly (uint User, uint Group)? _owner;
    private readonly Dictionary<string, object> _taken = new(StringComparer.Ordinal);

    private ResultFolder(string path, (uint User, uint Group)? owner) => (Path, _owner) = (path, owner);

    public string Path { get; }

    public static ResultFolder Open(string path)
    {
        var standing = path;
        while (!Directory.Exists(standing)) standing = System.IO.Path.GetDirectoryName(standing) ?? "/";
        var owner = Posix.Owner().User == 0 ? Posix.OwnerOf(standing) : null;
        var folder = new ResultFolder(path, owner is { User: 0 } ? null : owner);
        folder.MakeFolder(path);
        return folder;
    }

    /// <summary>Null where a result may stand there; otherwise a sentence. Each place is given once.</summary>
    /// <param name="call">Who asks; it may ask again.</param>
    /// <param name="inputs">Files that are read, which no result may replace.</param>
    public string? Refuses(string name, object call, IEnumerable<string> inputs)
    {
        var target = System.IO.Path.Combine(Path, name);
        if (inputs.Any(input => input == target || (Posix.RealPath(target) is { } real && Posix.RealPath(input) == real)))
            return $"The result “{name}” would replace the image that it is made from: name another folder for the results.";
        if (!_taken.TryAdd(name, call) && _taken[name] != call) return $"Two images would both be written to “{name}”: run them into two folders.";
        return null;
    }

    /// <summary>Moves what was made into its place; what an earlier call left there is replaced.</summary>
    public void Take(string made, string name)
    {
        var target = System.IO.Path.Combine(Path, name);
        MakeFolder(System.IO.Path.GetDirectoryName(target)!);
        if (Directory.Exists(target)) Directory.Delete(target, recursive: new DirectoryInfo(target).LinkTarget is null);
        Give(made);
        if (Directory.Exists(made))
        {
            File.Delete(target);
            Directory.Move(made, target);
        }
        else File.Move(made, target, overwrite: true);
    }

    private void MakeFolder(string path)
    {
        if (Directory.Exists(path)) return;
        if (System.IO.Path.GetDirectoryName(path) is { } above) MakeFolder(above);
        Directory.CreateDirectory(path);
        if (_owner is { } owner) Posix.GiveTo(path, owner.User, owner.Group);
    }

    private void Give(string path)
    {
        if (_owner is not { } owner) return;
        // Where that is not allowed (capabilities dropped) the files stay root's, and are as good.
        Posix.GiveTo(path, owner.User, owner.Group);
        if (!Directory.Exists(path) || new DirectoryInfo(path).LinkTarget is not null) return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories)) Posix.GiveTo(entry, owner.User, owner.Group);
    }
}
