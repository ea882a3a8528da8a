using System.Globalization;
using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.Local.Runs;

/// <summary>The GPUs of this machine, by asking <c>nvidia-smi</c>; CUDA_VISIBLE_DEVICES narrows them as it does for every CUDA program.</summary>
public static class GpuList
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static IReadOnlyList<int> Find(IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        if (Spawn.Find("nvidia-smi", environment.GetValueOrDefault("PATH", "").Split(':')) is not { } program) return [];
        var answer = EngineCommand.Run(program, ["-L"], [.. environment.Select(pair => $"{pair.Key}={pair.Value}")], Patience, cancel);
        var all = answer.Ok ? Numbers(answer.Output) : [];
        if (!environment.TryGetValue("CUDA_VISIBLE_DEVICES", out var visible)) return all;
        return [.. visible.Split(',').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).TakeWhile(all.Contains)];
    }

    /// <summary>Lines look like <c>GPU 0: NVIDIA A100 (UUID: …)</c>.</summary>
    public static IReadOnlyList<int> Numbers(string listing) =>
    [
        .. listing.Split('\n').Where(line => line.StartsWith("GPU ", StringComparison.Ordinal))
            .Select(line => line[4..].Split(':')[0]).Where(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Select(text => int.Parse(text, CultureInfo.InvariantCulture)),
    ];
}
