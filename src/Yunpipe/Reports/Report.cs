using System.Text.Json.Serialization;
using Yunpipe.Stores;

namespace Yunpipe.Reports;

/// <summary>How a report is to be made.</summary>
public sealed record ReportSettings(ReportSubject Subject)
{
    /// <summary>Items whose files are shown, spread over all.</summary>
    public int Items { get; init; } = 12;

    /// <summary>Set-aside items that are shown beside them.</summary>
    public int FailedItems { get; init; } = 6;

    /// <summary>Groups whose files are shown.</summary>
    public int Groups { get; init; } = 4;

    /// <summary>Tells manifests with whether they are the current ones of their items; null takes those of the store, all as current.</summary>
    public Func<CancellationToken, IAsyncEnumerable<(Manifest Manifest, bool Current)>>? Manifests { get; init; }

    /// <summary>Null for a report without pictures.</summary>
    public Pictures? Pictures { get; init; }

    /// <summary>Hears every attempt on the way; null where nobody wants them.</summary>
    public TraceCsv? Trace { get; init; }
}

/// <summary>What a store holds, in numbers: one pass over its failures and manifests, in memory that does not grow with them.</summary>
/// <param name="Started">Of the first attempt, milliseconds since 1970, UTC; 0 where nothing ran.</param>
/// <param name="Ended">Of the last one.</param>
public sealed record Report(
    string Workflow, long Made, long Started, long Ended, IReadOnlyList<StepReport> Steps, IReadOnlyList<FailureGroup> Failures, IReadOnlyList<SampledItem> Items, TimelineReport Timeline)
{
    [JsonIgnore] public long Done => Steps.Sum(step => step.Done);
    [JsonIgnore] public long Adopted => Steps.Sum(step => step.Adopted);
    [JsonIgnore] public long SetAside => Steps.Sum(step => step.SetAside);
    [JsonIgnore] public long Superseded => Steps.Sum(step => step.Superseded);
    [JsonIgnore] public long Retries => Steps.Sum(step => step.RetryCount);

    public static async Task<Report> From(IStore store, ReportSettings settings, TimeProvider time, CancellationToken cancel)
    {
        var reading = new ReportReading(settings);
        await foreach (var failure in store.Failures(null, cancel)) reading.Add(failure);
        if (settings.Manifests is not { } manifests)
            await foreach (var manifest in store.Manifests(null, cancel)) reading.Add(manifest, current: true);
        else
            await foreach (var (manifest, current) in manifests(cancel)) reading.Add(manifest, current);
        return await reading.Report(store, time.GetUtcNow().ToUnixTimeMilliseconds(), cancel);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(Report))]
public sealed partial class ReportJson : JsonSerializerContext;
