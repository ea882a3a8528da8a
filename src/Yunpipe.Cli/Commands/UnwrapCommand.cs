using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Cli.Images;
using Yunpipe.Images;
using Yunpipe.Images.Wrapping;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe unwrap</c>: gives back the image that was wrapped.</summary>
internal static class UnwrapCommand
{
    private const string Suffix = "unwrapped";

    public static Command Create(CliContext context)
    {
        var name = new Argument<string>("image") { Description = "A wrapped image: registry/name:tag, oci:FOLDER, FILE.tar, docker-daemon:NAME or podman:NAME.", HelpName = "IMAGE" };
        var to = new Option<string?>("--to") { Description = "Where it goes. [beside the wrapped image: in a registry by its digest, elsewhere with -unwrapped]", HelpName = "PLACE" };
        var registry = new RegistryOptions();
        var command = new Command("unwrap", "Takes the agent off an image, and gives back the one that was wrapped, byte for byte.") { name };
        foreach (var option in (Option[])[to, .. registry.All]) command.Options.Add(option);
        command.SetAction(async (parse, _) =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            try
            {
                using var watch = new CopyWatch(context.Terminal, json || parse.GetValue(GlobalOptions.Quiet), context.Time);
                return await Run(context, parse.GetRequiredValue(name), parse.GetValue(to), registry.Read(context, parse, watch), watch, json, parse.GetValue(GlobalOptions.Quiet), context.Interrupts.Finish);
            }
            catch (ImageException error)
            {
                return context.Terminal.Tell([error.Problem], json);
            }
        });
        return command;
    }

    private static async Task<int> Run(CliContext context, string image, string? to, ImagePlaceSettings settings, CopyWatch watch, bool json, bool quiet, CancellationToken cancel)
    {
        await using var from = await ImagePlaces.Open(image, PlaceUse.Read, settings, cancel);
        await using var target = await ImageTarget.Open(to, image, from.Place, Suffix, tagged: false, settings, cancel);
        var outcome = await Unwrapper.Unwrap(from.Place, from.Tag, target.Place, target.Tag, watch, cancel);
        watch.Clear();
        // An engine makes manifests itself: there the id is what an image is known by.
        var byId = !target.Place.TakesIndexes;
        var document = new UnwrapDocument(target.Text, byId ? null : outcome.Image.Digest.ToString(), outcome.ImageId?.ToString(), outcome.IsOriginal || byId, [.. outcome.Missing.Select(platform => platform.ToString())]);
        if (json) context.Terminal.Json(document, VerbsJson.Default.UnwrapDocument);
        else if (!quiet) Tell(context.Terminal, document, target, outcome);
        return ExitCode.AllDone;
    }

    private static void Tell(Terminal terminal, UnwrapDocument document, ImageTarget target, UnwrapOutcome outcome)
    {
        terminal.Out.WriteLine($"Unwrapped as {(document.Digest is null ? target.Text : target.Named(outcome.Image.Digest))}.");
        terminal.Out.WriteLine(document.Digest is null ? $"Image id: {document.ImageId}, that of the image that was wrapped."
            : outcome.IsOriginal ? $"Digest: {document.Digest}, that of the image that was wrapped."
            : outcome.Missing.Count > 0 ? $"Digest: {document.Digest}. The image was made for {string.Join(", ", outcome.Missing)} too, which is neither here nor there any more."
            : $"Image id: {document.ImageId}, that of the image that was wrapped. Its manifest, {document.Digest}, is not: an engine packed the layers anew.");
    }
}

/// <param name="Original">True where image or, in an engine, image id is the one that was wrapped.</param>
internal sealed record UnwrapDocument(string Image, string? Digest, string? ImageId, bool Original, IReadOnlyList<string> Missing);
