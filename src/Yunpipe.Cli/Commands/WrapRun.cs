using System.Globalization;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Cli.Images;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Images.Checks;
using Yunpipe.Images.Files;
using Yunpipe.Images.Wrapping;

namespace Yunpipe.Cli.Commands;

/// <summary>One wrapping from the command line: finds out what would be written, says whether it will run, writes, and says how to go on.</summary>
internal sealed class WrapRun(CliContext context, WrapRequest asked, CopyWatch watch, bool json, bool quiet)
{
    private const string Suffix = "yunpipe";
    private readonly Terminal _terminal = context.Terminal;
    private readonly long _started = context.Time.GetTimestamp();

    public async Task<int> Execute(CancellationToken cancel)
    {
        OwnedFolder.Clear();
        await using var from = await ImagePlaces.Open(asked.Image, PlaceUse.Read, asked.Places, cancel);
        await using var target = await ImageTarget.Open(asked.To, asked.Image, from.Place, Suffix, tagged: true, asked.Places, cancel);
        await using var wrapper = new Wrapper(from.Place, target.Place, watch);
        var planned = await wrapper.Plan(from.Tag, new WrapOrder(asked.Algorithm, asked.Layer, BaseName(from), asked.Platforms), cancel);
        if (planned.Value is not { } plan)
        {
            watch.Clear();
            return _terminal.Tell(planned.Problems, json);
        }
        var findings = await Check(wrapper, plan, cancel);
        var bad = findings.Where(finding => finding.Kind == FindingKind.Bad).ToList();
        var writes = !asked.Dry && bad.Count == 0;
        var outcome = writes ? await wrapper.Write(plan, asked.Layer, target.Tag, watch, cancel) : null;
        watch.Clear();
        var document = Document(plan, target, outcome, findings);
        if (json) _terminal.Json(document, VerbsJson.Default.WrapDocument);
        else if (!quiet || bad.Count > 0) Tell(document, plan, target, from.Place, findings);
        if (bad.Count == 0) return ExitCode.AllDone;
        return _terminal.Tell([.. bad.Select(finding => new Problem(finding.Code!, finding.Says, null, finding.Advice))], json);
    }

    private async Task<IReadOnlyList<ImageFinding>> Check(Wrapper wrapper, WrapPlan plan, CancellationToken cancel)
    {
        var how = asked.Check ?? (wrapper.Source.WantsPackedLayers ? "quick" : "deep");
        if (how == "none") return [];
        var part = plan.Parts[0];
        if (how == "quick") return ImageCheck.Quick(asked.Algorithm, part.Base.Manifest, part.Base.Config);
        return await ImageCheck.Deep(wrapper.Source, asked.Algorithm, part.Base.Manifest, part.Base.Config, watch, cancel);
    }

    /// <summary>A path of this machine means nothing to whoever has the image, and an id nothing elsewhere.</summary>
    private string? BaseName(PlacedImage from) =>
        PlaceName.TryParse(asked.Image, out var place, out _) && place.Path.Length == 0 && ImageReference.TryParse(place.Name!, out var reference, out _)
            ? (reference.Tag is null && reference.Digest is null && from.Tag is { } tag ? reference with { Tag = tag } : reference).ToString() : null;

    private WrapDocument Document(WrapPlan plan, ImageTarget target, WrapOutcome? outcome, IReadOnlyList<ImageFinding> findings)
    {
        var part = plan.Parts[0];
        return new WrapDocument(target.Text, target.Place.MakesManifests || !target.Place.TakesIndexes ? null : plan.Image.Digest.ToString(), part.Wrapped.Manifest.Config.Digest.ToString(),
            [.. plan.Parts.Select(each => each.Platform.ToString())], [.. plan.LeftOut.Select(platform => platform.ToString())], part.Base.Name, part.Base.Original?.Digest.ToString(),
            asked.Layer.Bytes.Length, outcome is not null, outcome?.Moved ?? 0, Math.Round(context.Time.GetElapsedTime(_started).TotalSeconds, 3),
            [.. findings.Select(finding => new FindingDocument(finding.Topic, finding.Kind.ToString().ToLowerInvariant(), finding.Says, finding.Advice, finding.Code))]);
    }

    private void Tell(WrapDocument document, WrapPlan plan, ImageTarget target, ImagePlace from, IReadOnlyList<ImageFinding> findings)
    {
        foreach (var finding in findings.Where(finding => finding.Kind != FindingKind.Bad))
            _terminal.Out.WriteLine($"  {(finding.Kind switch { FindingKind.Good => "ok", FindingKind.Advice => "note", _ => "?" }),-5}{finding.Topic + ":",-15}{finding}");
        if (plan.LeftOut.Count > 0) _terminal.Out.WriteLine($"Left out, since no agent is built for it: {string.Join(", ", plan.LeftOut)}.");
        if (!document.Written)
        {
            _terminal.Out.WriteLine(asked.Dry ? $"Nothing was written. {from.Name} would become {target.Text}." : "Nothing was written; --check none writes in any case.");
            return;
        }
        var moved = new ByteSize(document.MovedBytes);
        _terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Wrapped as {target.Text} in {Words.Time(TimeSpan.FromSeconds(document.Seconds))}; {moved} moved."));
        _terminal.Out.WriteLine(document.Digest is null ? $"Image id: {document.ImageId}" : target.Repository is null ? $"Digest: {document.Digest}" : $"{target.Repository}@{document.Digest}");
        var input = asked.Algorithm.Inputs.SelectMany(port => port.Accepts).FirstOrDefault(accept => accept.StartsWith("*.", StringComparison.Ordinal) && accept.AsSpan(1).IndexOfAny('*', '?', '[') < 0)?[1..] ?? ".tif";
        _terminal.Out.WriteLine($"Try it: yunpipe algorithm run {Words.Argument(target.Tag is null && target.Repository is not null ? target.Named(plan.Image.Digest) : target.Text)} IMAGE{input} -o OUT");
    }
}

/// <param name="Image">Where it went, or would go.</param>
/// <param name="Digest">Of the manifest or index; absent where an engine makes it itself.</param>
/// <param name="ImageId">Digest of the configuration.</param>
internal sealed record WrapDocument(string Image, string? Digest, string ImageId, IReadOnlyList<string> Platforms, IReadOnlyList<string> LeftOut, string? BaseName, string? BaseDigest,
    long LayerBytes, bool Written, long MovedBytes, double Seconds, IReadOnlyList<FindingDocument> Findings);

/// <param name="Kind">good, unknown, advice or bad.</param>
internal sealed record FindingDocument(string Topic, string Kind, string Says, string? Advice, string? Code);
