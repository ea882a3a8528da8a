namespace Yunpipe.Local.Launchers;

/// <summary>What a container launcher is told about its run. All paths are of the host.</summary>
public sealed record ContainerSettings
{
    /// <summary>Marks every container of the run (label <c>yunpipe.run</c>). Containers that carry it when the run begins are removed: an output folder has one run at a time.</summary>
    public required string Run { get; init; }

    /// <summary>The static agent executable.</summary>
    public required string Agent { get; init; }

    /// <summary>A folder for the clients' error output.</summary>
    public required string Scratch { get; init; }

    /// <summary>Root of the attempt folders, the only place that a container writes.</summary>
    public required string Attempts { get; init; }

    /// <summary>Root of the input items.</summary>
    public string? Input { get; init; }

    /// <summary>Root of kept outputs.</summary>
    public string? Jobs { get; init; }

    /// <summary>Files and folders of reference data.</summary>
    public IReadOnlyList<string> Reference { get; init; } = [];

    /// <summary>Files that algorithms list as their own.</summary>
    public IReadOnlyList<string> Own { get; init; } = [];

    /// <summary>Whom outputs belong to; null is whoever runs this process.</summary>
    public (uint User, uint Group)? Owner { get; init; }

    /// <summary>The engine's network for algorithms that ask for one; null is the engine's usual.</summary>
    public string? Network { get; init; }

    /// <summary>Most idle containers that are kept.</summary>
    public int Idle { get; init; } = 64;

    /// <summary>How long a container may take to start.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Hears what takes long: that an image is being pulled.</summary>
    public Action<string>? Says { get; init; }
}
