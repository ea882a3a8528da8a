using Yunpipe.Documents;

namespace Yunpipe.Local.Launchers;

/// <summary>Which folders of the host a container sees, and where. Everything but the attempts is read-only.</summary>
public sealed class ContainerPlaces
{
    public const string Agent = "/opt/yunpipe/agent", Attempts = "/yunpipe/attempts", Input = "/yunpipe/input", Jobs = "/yunpipe/jobs", Reference = "/yunpipe/reference", Own = "/yunpipe/files";

    private readonly List<Place> _places = [];
    private readonly Place[] _narrowFirst;

    private sealed record Place(string Host, string Inside, bool Writable);

    /// <param name="agent">The agent executable.</param>
    /// <param name="attempts">Root of the attempt folders, the only place that is written.</param>
    /// <param name="input">Root of the input items; null where they are not files of this machine.</param>
    /// <param name="jobs">Root of kept outputs.</param>
    /// <param name="reference">Files and folders of reference data.</param>
    /// <param name="own">Files that algorithms list as their own.</param>
    public ContainerPlaces(string agent, string attempts, string? input, string? jobs, IReadOnlyList<string> reference, IReadOnlyList<string>? own = null)
    {
        Add(agent, Agent, false);
        Add(attempts, Attempts, true);
        if (input is not null) Add(input, Input, false);
        if (jobs is not null) Add(jobs, Jobs, false);
        // A number keeps two files of one name apart; the name is kept, since programs look at extensions.
        for (var i = 0; i < reference.Count; i++) Add(reference[i], $"{Reference}/{i}/{Path.GetFileName(Path.TrimEndingDirectorySeparator(reference[i]))}", false);
        // The whole path is kept: files stand to each other as they do here, so that a script finds what it imports.
        foreach (var file in own ?? []) Add(file, Own + Path.GetFullPath(file), false);
        // One place may lie in another (outputs beside inputs): the longer path says more.
        _narrowFirst = [.. _places.Skip(1).OrderByDescending(place => place.Host.Length)];
    }

    /// <summary>Where a path of the host is seen inside.</summary>
    public string Seen(string hostPath)
    {
        foreach (var place in _narrowFirst)
        {
            if (!hostPath.StartsWith(place.Host, StringComparison.Ordinal)) continue;
            if (hostPath.Length == place.Host.Length) return place.Inside;
            if (place.Host.Length == 1) return $"{place.Inside}/{hostPath[1..]}";
            if (hostPath[place.Host.Length] == '/') return place.Inside + hostPath[place.Host.Length..];
        }
        throw new YunpipeException(new Problem("YP4130", $"“{hostPath}” lies outside of all that a container of this run can see.", null,
            "Put it below the input folder, or run with --launcher process."));
    }

    /// <summary>The values of <c>--mount</c>.</summary>
    public IEnumerable<string> Mounts() =>
        _places.Select(place => $"type=bind,{Field("source", place.Host)},{Field("target", place.Inside)}{(place.Writable ? "" : ",readonly")}");

    private void Add(string host, string inside, bool writable) => _places.Add(new Place(Path.TrimEndingDirectorySeparator(Path.GetFullPath(host)), inside, writable));

    /// <summary>Both engines read a mount as one line of CSV (RFC 4180): a field with a comma or a quote is quoted, and a quote in it is doubled.</summary>
    private static string Field(string name, string value) =>
        value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{name}={value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : $"{name}={value}";
}
