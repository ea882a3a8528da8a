namespace Yunpipe.Runs;

/// <summary>How a run is to go; what is to be done is in the plan.</summary>
public sealed record RunOptions(Capacity Capacity)
{
    /// <summary>True to try set-aside jobs again as they come by.</summary>
    public bool RetrySetAside { get; init; }

    /// <summary>How long a job may be held without a sign of life.</summary>
    public TimeSpan LeaseLength { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Only these items, by key or by a folder of keys; empty takes all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Whether an item of the input is one of those.</summary>
    public bool Takes(string key) =>
        Only.Count == 0 || Only.Any(only => key == only || key.StartsWith(only.TrimEnd('/') + "/", StringComparison.Ordinal));
}
