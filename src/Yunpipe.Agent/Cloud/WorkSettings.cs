using System.Globalization;

namespace Yunpipe.Agent.Cloud;

/// <summary>What the task definition says to a worker (docs/spec/agent-protocol.md).</summary>
/// <param name="Memory">Bytes that this task has for one job; 0 where nobody said.</param>
internal sealed record WorkSettings(string Deployment, string Step, string? QueueUrl, TimeSpan Idle, long Memory, string Scratch)
{
    /// <summary>The settings, or a sentence about what is wrong with them.</summary>
    public static (WorkSettings? Settings, string? Flaw) Read(IReadOnlyDictionary<string, string> environment)
    {
        var deployment = environment.GetValueOrDefault("YUNPIPE_DEPLOYMENT", "");
        var step = environment.GetValueOrDefault("YUNPIPE_STEP", "");
        if (deployment.Length == 0 || step.Length == 0) return (null, "YUNPIPE_DEPLOYMENT and YUNPIPE_STEP must say which deployment's which step to work on");
        if (Number(environment, "YUNPIPE_IDLE", 120) is not { } idle) return (null, "YUNPIPE_IDLE must be a number of seconds");
        if (Number(environment, "YUNPIPE_MEMORY", 0) is not { } memory) return (null, "YUNPIPE_MEMORY must be a number of bytes");
        var scratch = environment.GetValueOrDefault("YUNPIPE_SCRATCH") ?? Path.Combine(environment.GetValueOrDefault("TMPDIR", "/tmp"), "yunpipe");
        return (new WorkSettings(deployment, step, environment.GetValueOrDefault("YUNPIPE_QUEUE_URL"), TimeSpan.FromSeconds(idle), (long)memory, scratch), null);
    }

    /// <summary>The environment that the algorithm sees: nothing by which it could act for us.</summary>
    public static Dictionary<string, string> ForAlgorithm(IReadOnlyDictionary<string, string> environment) => environment
        .Where(pair => !pair.Key.StartsWith("AWS_", StringComparison.Ordinal) && !pair.Key.StartsWith("ECS_", StringComparison.Ordinal) && !pair.Key.StartsWith("YUNPIPE_", StringComparison.Ordinal))
        .ToDictionary(StringComparer.Ordinal);

    private static double? Number(IReadOnlyDictionary<string, string> environment, string name, double otherwise) =>
        !environment.TryGetValue(name, out var text) || text.Length == 0 ? otherwise : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
