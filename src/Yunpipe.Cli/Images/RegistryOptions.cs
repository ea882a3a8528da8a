using System.CommandLine;
using Yunpipe.Images;
using Yunpipe.Local.Images;

namespace Yunpipe.Cli.Images;

/// <summary>Options of verbs that read and write images.</summary>
internal sealed class RegistryOptions
{
    public Option<string?> From { get; } = new("--from") { Description = "Read the image from: registry, docker or podman. [where it is]", HelpName = "PLACE" };
    public Option<bool> PlainHttp { get; } = new("--plain-http") { Description = "Speak to registries without encryption; those of this machine need no asking." };
    public Option<string?> CaFile { get; } = new("--ca-file") { Description = "Believe the authorities of this PEM file too.", HelpName = "FILE" };

    public RegistryOptions() => From.AcceptOnlyFromAmong("registry", "docker", "podman");

    public IReadOnlyList<Option> All => [From, PlainHttp, CaFile];

    /// <param name="progress">Hears how far it is what places take long for; null for nobody.</param>
    public ImagePlaceSettings Read(CliContext context, ParseResult parse, IProgress<CopyProgress>? progress = null) => context.Places with
    {
        From = parse.GetValue(From), PlainHttp = parse.GetValue(PlainHttp), CaFile = parse.GetValue(CaFile), Progress = progress,
        Engine = new EngineImages(context.Environment, progress) { Time = context.Time }.Open,
    };
}
