namespace Yunpipe.Stores;

/// <summary>A job that the store knows, with whichever records it has.</summary>
public sealed record KnownJob(JobId Id, string Step, string Key, Manifest? Manifest, FailureRecord? Failure)
{
    /// <summary>Fewer letters of an id would too often mean several jobs.</summary>
    public const int ShortestPrefix = 6;

    /// <summary>The tries that are on record, oldest first.</summary>
    public IReadOnlyList<AttemptRecord> Attempts => Failure?.Attempts ?? Manifest?.Attempts ?? [];
}
