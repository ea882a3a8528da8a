namespace Yunpipe.Local.Stores;

/// <summary>Where things lie in an output folder (docs/spec/store-layout.md).</summary>
/// <param name="root">The output folder, absolute.</param>
/// <param name="state">Where records go instead of the output folder, for network file systems.</param>
public sealed class StoreLayout(string root, string? state = null)
{
    public const string Own = "_yunpipe";

    public string Root { get; } = Path.GetFullPath(root);
    public string Inner => Path.Combine(Root, Own);
    public string Jobs => Path.Combine(Inner, "jobs");
    public string Attempts => Path.Combine(Inner, "attempts");
    public string Logs => Path.Combine(Inner, "logs");
    public string LastRun => Path.Combine(Inner, "run.json");
    public string Lock => Path.Combine(state ?? Inner, "lock");
    public string Progress => Path.Combine(state ?? Inner, "progress.json");
    public string State => Path.Combine(state ?? Inner, "state.db");
}
