using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Local.Stores;

namespace Yunpipe.Local.Runs;

/// <summary>How far a run is, as it tells those who look from another process: <c>progress.json</c> beside the lock, every other second. Waiting and running jobs
/// are known to the run alone; what is done is in the records.</summary>
/// <param name="Pid">Of the run. With another holder of the lock, or none, it says nothing.</param>
/// <param name="Time">Milliseconds since 1970.</param>
/// <param name="Jobs">What runs; a job that began after this was written is not among them.</param>
public sealed record RunProgress(int Pid, long Time, IReadOnlyList<StepPace> Steps, IReadOnlyList<RunningJob>? Jobs = null)
{
    /// <summary>An older one is of a run that does not get to write.</summary>
    private const long Fresh = 30_000;

    /// <summary>What the holder has told lately; null where it has not.</summary>
    public static RunProgress? Read(StoreLayout layout, Holder? holder, TimeProvider time)
    {
        if (holder is null || !File.Exists(layout.Progress)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(layout.Progress), RunProgressJson.Default.RunProgress) is { } told && told.Pid == holder.Pid
                && time.GetUtcNow().ToUnixTimeMilliseconds() - told.Time < Fresh ? told : null;
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException)
        {
            return null; // The run has just ended, or was killed at this moment; or it is of another release.
        }
    }

    /// <summary>At the end of a run.</summary>
    public static void Forget(StoreLayout layout) => File.Delete(layout.Progress);

    /// <summary>False where it could not be written, as on a full disk: the run does not depend on it.</summary>
    public bool TryWrite(StoreLayout layout)
    {
        try
        {
            var fresh = layout.Progress + ".new";
            File.WriteAllBytes(fresh, JsonSerializer.SerializeToUtf8Bytes(this, RunProgressJson.Default.RunProgress));
            File.Move(fresh, layout.Progress, overwrite: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <param name="Attempt">The folder that it has now.</param>
/// <param name="Started">Milliseconds since 1970.</param>
public sealed record RunningJob(string Step, string Key, string Job, string Attempt, long Started);

/// <param name="PerMinute">Jobs a minute over the last half minute.</param>
/// <param name="SecondsLeft">Null where it is not known.</param>
public sealed record StepPace(string Step, long Waiting, long Running, double PerMinute, double? SecondsLeft);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunProgress))]
internal sealed partial class RunProgressJson : JsonSerializerContext;
