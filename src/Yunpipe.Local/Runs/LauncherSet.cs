using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Local.Launchers;
using Yunpipe.Local.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Local.Runs;

/// <summary>What launchers need of the program that makes them.</summary>
/// <param name="Agent">Path of the agent executable.</param>
/// <param name="Tools">Folders that come before PATH: where the toolbox lies.</param>
/// <param name="Environment">This process's environment.</param>
/// <param name="Says">Hears what takes long: that an image is being pulled.</param>
public sealed record LauncherParts(string Agent, IReadOnlyList<string> Tools, IReadOnlyDictionary<string, string> Environment, Action<string>? Says = null);

/// <summary>The launchers of a run: which one an algorithm uses, and all of them, to be disposed.</summary>
public sealed record LauncherSet(Func<Algorithm, Reading<ILauncher>> For, IReadOnlyList<ILauncher> All)
{
    /// <summary>An algorithm without an image is a program of this machine; one with an image runs as <paramref name="choice"/> says.</summary>
    /// <param name="input">The folder of images.</param>
    /// <param name="jobs">Where kept outputs lie, if not in the layout's own place.</param>
    public static LauncherSet Make(LauncherChoice choice, Plan plan, StoreLayout layout, string input, LauncherParts parts, string? jobs = null)
    {
        Directory.CreateDirectory(layout.Attempts);
        Directory.CreateDirectory(layout.Jobs);
        Directory.CreateDirectory(layout.Logs);
        var marked = new Dictionary<string, string>(parts.Environment, StringComparer.Ordinal) { [OutputLock.Mark] = layout.Root };
        var process = new ProcessLauncher(parts.Agent, marked, layout.Logs, parts.Tools);
        if (choice.Engine is null) return new LauncherSet(_ => new Reading<ILauncher>(process, []), [process]);
        var container = new ContainerLauncher(choice.Engine, new ContainerSettings
        {
            Run = layout.Root, Agent = parts.Agent, Scratch = layout.Logs, Attempts = layout.Attempts, Input = Path.GetFullPath(input), Jobs = jobs ?? layout.Jobs,
            Reference = ReferencePaths(plan), Own = OwnPaths(plan), Says = parts.Says,
        });
        return new LauncherSet(algorithm => new Reading<ILauncher>(algorithm.Image is null ? process : container, []), [process, container]);
    }

    /// <summary>Every file and folder that a variable of some step names, and that is there; the absent ones are told when they are read.</summary>
    private static List<string> ReferencePaths(Plan plan) =>
    [
        .. plan.Steps.Where(step => step.Algorithm.Image is not null)
            .SelectMany(step => step.Algorithm.Variables.Where(ReferencePath.IsReference).SelectMany(variable => ValuesOf(step, variable.Name))
                .Select(item => ReferencePath.Resolve(item, step.Algorithm.Directory)))
            .Where(Path.Exists).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Every file that an algorithm with an image lists as its own, and that is there.</summary>
    private static List<string> OwnPaths(Plan plan) =>
    [
        .. plan.Steps.Where(step => step.Algorithm.Image is not null).SelectMany(step => step.Algorithm.Files.Select(file => OwnFiles.PathOf(step.Algorithm, file)))
            .Where(File.Exists).Distinct(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> ValuesOf(PlanStep step, string name) =>
        (step.Values.GetValueOrDefault(name)?.Items ?? []).Concat(step.Variants.SelectMany(variant => variant.Values.GetValueOrDefault(name)?.Items ?? []));
}
