using System.Collections;
using System.Collections.Concurrent;
using Yunpipe.Local.Launchers;

namespace Yunpipe.EndToEnd.Containers;

/// <summary>The engines of this machine. One that YUNPIPE_ENGINES names must answer; another is skipped where it does not.</summary>
internal static class Engines
{
    private static readonly ConcurrentDictionary<string, Yunpipe.Documents.Reading<ContainerEngine>> Probed = new();

    public static IReadOnlyDictionary<string, string> Variables { get; } =
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    public static ContainerEngine Find(string name)
    {
        var reading = Probed.GetOrAdd(name, key => ContainerEngine.Probe(key, Variables, TimeSpan.FromSeconds(20), CancellationToken.None));
        if (reading.Value is { } engine) return engine;
        var why = string.Join(' ', reading.Problems);
        Variables.GetValueOrDefault("YUNPIPE_ENGINES", "").Split(' ').ShouldNotContain(name, why);
        Assert.Skip($"{why} (tests/containers/setup.sh makes it answer)");
        throw new InvalidOperationException();
    }

    /// <summary>What the client says to a command that must succeed.</summary>
    public static string Ask(ContainerEngine engine, params string[] arguments)
    {
        var answer = engine.Ask(arguments, TimeSpan.FromSeconds(60), CancellationToken.None);
        answer.Exit.ShouldBe(0, answer.Errors);
        return answer.Output.Trim();
    }
}
