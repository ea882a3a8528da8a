using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Cli.Images;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Images.Wrapping;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe wrap</c>: puts an algorithm's descriptor and the agent into its image, so that the image's reference alone is enough to use it.</summary>
internal static class WrapCommand
{
    public static Command Create(CliContext context)
    {
        var name = new Argument<string>("algorithm") { Description = "A descriptor; or an image that is wrapped already, to give it this release's agent.", HelpName = "ALGORITHM" };
        var to = new Option<string?>("--to") { Description = "Where the wrapped image goes: registry/name:tag, oci:FOLDER, FILE.tar, docker-daemon:NAME or podman:NAME. [beside the image, with -yunpipe]", HelpName = "PLACE" };
        var image = new Option<string?>("--image") { Description = "The image to wrap, from any such place. [the descriptor's]", HelpName = "PLACE" };
        var platform = new Option<string[]>("--platform") { Description = "Wrap the image for this kind of machine only, such as linux/amd64; may be repeated. [all that an agent is built for]", HelpName = "PLATFORM" };
        var check = new Option<string?>("--check") { Description = "How it is looked whether the algorithm will run: quick reads manifest and configuration, deep the layers too, none writes in any case. [deep where the layers are on this machine, else quick]", HelpName = "HOW" };
        var dry = new Option<bool>("--dry-run") { Description = "Say what would be written and whether it will run; write nothing." };
        check.AcceptOnlyFromAmong("quick", "deep", "none");
        var registry = new RegistryOptions();
        var command = new Command("wrap", "Puts an algorithm's descriptor and Yunpipe's agent into its image: the image's name is then all that anybody needs to run it.") { name };
        foreach (var option in (Option[])[to, image, platform, check, dry, .. registry.All]) command.Options.Add(option);
        command.SetAction(async (parse, _) =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var order = Order(context, parse.GetRequiredValue(name), parse.GetValue(image), parse.GetValue(platform) ?? [], json || parse.GetValue(GlobalOptions.Quiet));
            if (order.Value is not { } asked) return context.Terminal.Tell(order.Problems, json);
            try
            {
                using var watch = new CopyWatch(context.Terminal, json || parse.GetValue(GlobalOptions.Quiet), context.Time);
                asked = asked with { To = parse.GetValue(to), Check = parse.GetValue(check), Dry = parse.GetValue(dry), Places = registry.Read(context, parse, watch) };
                return await new WrapRun(context, asked, watch, json, parse.GetValue(GlobalOptions.Quiet)).Execute(context.Interrupts.Finish);
            }
            catch (ImageException error)
            {
                return context.Terminal.Tell([error.Problem], json);
            }
        });
        return command;
    }

    private static Reading<WrapRequest> Order(CliContext context, string name, string? image, IReadOnlyList<string> platforms, bool silent)
    {
        var problems = new List<Problem>();
        var kinds = new List<ImagePlatform>();
        foreach (var text in platforms)
            if (ImagePlatform.TryParse(text, out var kind)) kinds.Add(kind);
            else problems.Add(new Problem("YP5003", $"--platform wants a kind of machine, and {Wording.Quote(text)} is none.", null, "Write linux/amd64."));
        var found = context.Algorithms.Find(name, "");
        problems.AddRange(found.Problems);
        if (found.Value is not { } algorithm || problems.Count > 0) return new(null, problems);
        // What an image carries belongs to that image: it is wrapped again under the name that was given.
        var isImage = !File.Exists(algorithm.Source.File ?? "") && algorithm.Image is not null && ImageAlgorithms.LooksLikeImage(name) && algorithm.Source.File == name;
        if ((image ?? (isImage ? name : algorithm.Image)) is not { Length: > 0 } wrapped)
            return new(null, [new Problem(WrapCodes.NoImageNamed, $"The algorithm {Wording.Quote(algorithm.Name)} names no image to wrap.", algorithm.Source.File is null ? null : algorithm.Source, "Say which: --image NAME:TAG.")]);
        var travelling = TravellingAlgorithm.Of(algorithm);
        if (travelling.Value is not { } travels) return new(null, travelling.Problems);
        if (!silent)
            foreach (var note in travels.Notes) context.Terminal.Error.WriteLine(note);
        var layer = AgentLayer.Make(context.Folder, context.Cache is { } cache ? Path.Combine(cache, "layers") : null);
        return layer.Value is { } made ? new(new WrapRequest(travels.Algorithm, wrapped, made, kinds) { Places = context.Places }, []) : new(null, layer.Problems);
    }
}

/// <summary>What a person asks to be wrapped.</summary>
/// <param name="Image">The image, as written.</param>
internal sealed record WrapRequest(Algorithm Algorithm, string Image, AgentLayer Layer, IReadOnlyList<ImagePlatform> Platforms)
{
    public required ImagePlaceSettings Places { get; init; }
    public string? To { get; init; }
    public string? Check { get; init; }
    public bool Dry { get; init; }
}
