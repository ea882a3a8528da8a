using Yunpipe.Documents;

namespace Yunpipe.Local.Launchers;

/// <summary>Which way algorithms with an image will run, and a sentence that says why.</summary>
/// <param name="Engine">Null for programs of this machine.</param>
public sealed record LauncherChoice(ContainerEngine? Engine, string Why);

/// <summary>Finds the launcher.
/// <code>
/// asked for        images   engines that answer   then
/// process          any      any                   process
/// docker, podman   any      it                    it
/// docker, podman   any      not it                a problem
/// nothing          none     any                   process
/// nothing          some     none                  process, and why
/// nothing          some     one                   it
/// nothing          some     both                  the one that has more of the images already; podman where equal
/// </code></summary>
public static class LauncherFinder
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <param name="asked">What <c>--launcher</c> says; null for nothing.</param>
    /// <param name="images">Images of the workflow's algorithms, as written.</param>
    /// <param name="environment">This process's environment.</param>
    public static async Task<Reading<LauncherChoice>> Find(string? asked, IReadOnlyCollection<string> images, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        if (asked == "process") return Choose(null, "programs of this machine, as asked");
        if (asked is not null)
        {
            if (!ContainerEngine.Names.Contains(asked))
                return new Reading<LauncherChoice>(null, [new Problem("YP4131", $"There is no launcher “{asked}”.", null, "Use process, docker or podman.")]);
            var wanted = await Task.Run(() => ContainerEngine.Probe(asked, environment, Patience * 3, cancel), cancel);
            return wanted.Value is { } found ? Choose(found, $"{found.Description}, as asked") : new Reading<LauncherChoice>(null, wanted.Problems);
        }
        if (images.Count == 0) return Choose(null, "programs of this machine: no algorithm names an image");

        var probes = await Task.WhenAll(ContainerEngine.Names.Select(name => Task.Run(() => ContainerEngine.Probe(name, environment, Patience, cancel), cancel)));
        var engines = probes.Where(probe => probe.Value is not null).Select(probe => probe.Value!).ToArray();
        if (engines.Length == 0)
            return Choose(null, "programs of this machine, since no container engine answers: " + string.Join(' ', probes.SelectMany(probe => probe.Problems).Select(problem => problem.Message)));
        if (engines.Length == 1) return Choose(engines[0], $"{engines[0].Description}: it answers");
        var held = await Task.WhenAll(engines.Select(engine => Task.Run(() => images.Distinct().Count(image => Holds(engine, image, cancel)), cancel)));
        var best = Array.IndexOf(held, held.Max());
        return Choose(engines[best], held.Distinct().Count() > 1 ? $"{engines[best].Description}: it has the images" : $"{engines[best].Description}: it answers");
    }

    private static bool Holds(ContainerEngine engine, string image, CancellationToken cancel) => engine.Ask(["image", "inspect", "--format", "{{.Id}}", image], Patience, cancel).Ok;

    private static Reading<LauncherChoice> Choose(ContainerEngine? engine, string why) => new(new LauncherChoice(engine, why), []);
}
