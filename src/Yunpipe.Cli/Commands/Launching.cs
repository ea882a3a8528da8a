using System.CommandLine;
using Yunpipe.Documents;
using Yunpipe.Local.Launchers;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>How a verb finds the launchers of a workflow's algorithms.</summary>
internal static class Launching
{
    public static Option<string?> Option() => new("--launcher") { Description = "How algorithms with an image are run: process, docker or podman. [what answers]", HelpName = "NAME" };

    public static Task<Reading<LauncherChoice>> Choose(CliContext context, Plan plan, string? asked, CancellationToken cancel) =>
        LauncherFinder.Find(asked, Images(plan), context.Environment, cancel);

    public static Func<StoreLayout, Plan, LauncherSet> Maker(CliContext context, LauncherChoice choice, string input, Action<string>? says = null, string? jobs = null) =>
        (layout, plan) => LauncherSet.Make(choice, plan, layout, input, new LauncherParts(context.AgentPath, [context.Folder], context.Environment, says), jobs);

    public static IReadOnlyCollection<string> Images(Plan plan) =>
        [.. plan.Steps.Select(step => step.Algorithm.Image).OfType<string>().Distinct(StringComparer.Ordinal)];
}
