using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Images.Wrapping;
using Yunpipe.Local.Images;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm list</c>: the toolbox, or the algorithms that images carry.</summary>
internal static class AlgorithmListCommand
{
    public static Command Create(CliContext context)
    {
        var images = new Argument<string[]>("images") { Description = "Wrapped images; a repository without a tag lists all of its tags. [the toolbox]", HelpName = "IMAGE", Arity = ArgumentArity.ZeroOrMore };
        var local = new Option<bool>("--local") { Description = "List the wrapped images of docker and podman on this machine." };
        var command = new Command("list", "Lists the algorithms of the toolbox, or those that images carry.") { images, local };
        command.SetAction((parse, cancel) =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var problems = new List<Problem>();
            var listed = Listed(context, parse.GetValue(images) ?? [], parse.GetValue(local), problems, cancel).ToList();
            if (problems.Count > 0) return Task.FromResult(context.Terminal.Tell(problems, json));
            if (json) context.Terminal.Json(new AlgorithmsDocument([.. listed.Select(each => new AlgorithmLine(each.Algorithm.Name, each.Algorithm.Version, each.Algorithm.Description, each.Image))]), VerbsJson.Default.AlgorithmsDocument);
            else if (listed.Count == 0) context.Terminal.Out.WriteLine("No engine of this machine has a wrapped image. “yunpipe wrap” makes one.");
            else context.Terminal.Out.Write(Table(listed));
            return Task.FromResult(ExitCode.AllDone);
        });
        return command;
    }

    private static IEnumerable<(Algorithm Algorithm, string? Image)> Listed(CliContext context, IReadOnlyList<string> images, bool local, List<Problem> problems, CancellationToken cancel)
    {
        foreach (var image in images)
            foreach (var (name, found) in context.Algorithms.FindAll(image))
            {
                problems.AddRange(found.Problems);
                if (found.Value is { } algorithm) yield return (algorithm, name);
            }
        // An image that cannot be read here was wrapped by another release: it is somebody's, and no problem of this list.
        if (local)
            foreach (var image in new EngineLabels(context.Environment).Wrapped(cancel))
                if (AlgorithmImage.FromLabels(image.Labels, image.Name, image.Id).Value is { } algorithm) yield return (algorithm, $"{image.Name} ({image.Engine})");
        if (images.Count > 0 || local) yield break;
        foreach (var name in AlgorithmFinder.ToolboxNames) yield return (AlgorithmFinder.OfToolbox(name).OrThrow(), null);
    }

    private static string Table(IReadOnlyList<(Algorithm Algorithm, string? Image)> listed)
    {
        var isToolbox = listed.All(each => each.Image is null);
        var table = isToolbox ? new TextTable("NAME", "TAKES", "MAKES", "WHAT IT DOES") : new TextTable("IMAGE", "NAME", "VERSION", "TAKES", "MAKES", "WHAT IT DOES");
        foreach (var (algorithm, image) in listed)
        {
            var (takes, makes) = (string.Join(", ", algorithm.Inputs.Select(input => input.Name)), string.Join(", ", algorithm.Outputs.Select(output => output.Name)));
            if (isToolbox) table.Add(algorithm.Name, takes, makes, algorithm.Description);
            else table.Add(image, algorithm.Name, algorithm.Version, takes, makes, algorithm.Description);
        }
        return table.ToString();
    }
}

internal sealed record AlgorithmsDocument(IReadOnlyList<AlgorithmLine> Algorithms);

/// <param name="Image">Absent for the toolbox.</param>
internal sealed record AlgorithmLine(string Name, string Version, string Description, string? Image);
