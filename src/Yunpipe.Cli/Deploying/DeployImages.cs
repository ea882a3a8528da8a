using System.Text.RegularExpressions;
using Yunpipe.Algorithms;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Deploying;
using Yunpipe.Aws.Stack;
using Yunpipe.Cli.Images;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Images.Checks;
using Yunpipe.Images.Wrapping;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Deploying;

/// <summary>An image as it will be deployed: wrapped with this release's agent, under one digest. Nothing of it has moved so far.</summary>
/// <param name="Source">As a person would name it.</param>
/// <param name="Tag">In the deployment's repository.</param>
/// <param name="StandsAt">Where it lies in ECR already, just so; null where it has to be copied.</param>
internal sealed record DeployedImage(string Source, PlacedImage From, Wrapper Wrapper, WrapPlan Plan, string Tag, string? StandsAt)
{
    public ImageIdentity Identity => Plan.Parts[0].Wrapped.Config.Identity;

    public IEnumerable<BlobDescriptor> Blobs => Plan.Parts.SelectMany(part => part.Wrapped.Manifest.Blobs);
}

/// <summary>The images of a workflow's steps, from wherever they lie to one repository of ECR. What they will be is known before anything moves:
/// <code>
/// the step's image                          is deployed as
/// wrapped, with this agent, in ECR          what it is
/// wrapped, anywhere                         a copy with this release's agent
/// not wrapped                               a copy, wrapped with the step's descriptor
/// none, an algorithm of the toolbox         an image of the toolbox, made here
/// none otherwise                            a problem
/// </code></summary>
internal sealed partial class DeployImages(CliContext context, ImagePlaceSettings settings, string repository, RegistryAccess? access) : IAsyncDisposable
{
    /// <summary>Tasks run on x86-64: the dispatcher and the machines that are chosen from are.</summary>
    private static readonly ImagePlatform Platform = new("linux", "amd64");

    private readonly Dictionary<string, DeployedImage> _images = new(StringComparer.Ordinal);
    private readonly ImagePlace _target = Open(settings, repository, access);
    private AgentLayer? _layer;

    /// <summary>By what the workflow calls an algorithm.</summary>
    public IReadOnlyDictionary<string, DeployedImage> All => _images;

    /// <summary>Bytes of all images in ECR: layers that several share are kept once.</summary>
    public long Bytes => _images.Values.Where(image => image.StandsAt is null).SelectMany(image => image.Blobs).DistinctBy(blob => blob.Digest).Sum(blob => blob.Size);

    /// <param name="found">Algorithms by what the workflow calls them.</param>
    public async Task<IReadOnlyList<Problem>> Plan(Plan plan, IReadOnlyDictionary<string, Algorithm> found, CancellationToken cancel)
    {
        var problems = new List<Problem>();
        var layer = AgentLayer.Make(context.Folder, context.Cache is { } cache ? Path.Combine(cache, "layers") : null);
        if (layer.Value is not { } made) return layer.Problems;
        _layer = made;
        foreach (var steps in plan.Steps.GroupBy(step => step.Step.AlgorithmReference))
        {
            var step = steps.First();
            try
            {
                var source = await SourceOf(step.Step, cancel);
                problems.AddRange(source.Problems.Select(problem => problem with { Where = problem.Where ?? step.Step.Source }));
                if (source.Value is not { } name) continue;
                var planned = await Plan(name, found[steps.Key], made, cancel);
                problems.AddRange(planned.Problems.Select(problem => problem with { Where = problem.Where ?? step.Step.Source }));
                if (planned.Value is { } image) _images[steps.Key] = image;
            }
            catch (ImageException error)
            {
                problems.Add(error.Problem with { Where = step.Step.Source });
            }
        }
        return problems;
    }

    /// <summary>By step, as a template names them.</summary>
    public IReadOnlyDictionary<string, StackImage> ForStack(Plan plan) => plan.Steps.Where(step => _images.ContainsKey(step.Step.AlgorithmReference)).ToDictionary(step => step.Name, step =>
    {
        var image = _images[step.Step.AlgorithmReference];
        if (image.StandsAt is { } place && Ecr().Match(place) is { Success: true } ecr)
            return new StackImage(place, $"arn:{AwsPartition.Of(ecr.Groups[2].Value).Name}:ecr:{ecr.Groups[2].Value}:{ecr.Groups[1].Value}:repository/{ecr.Groups[3].Value}");
        return new StackImage($"{DeploymentNames.RegistryInTemplate}/{repository}@{image.Plan.Image.Digest}", DeploymentNames.RepositoryArnInTemplate(repository));
    });

    /// <summary>Those that have a place in the deployment's repository.</summary>
    public IReadOnlyList<DeployedImage> Needed => [.. _images.Values.Where(image => image.StandsAt is null).DistinctBy(image => image.Tag)];

    /// <summary>Those of them that are not there yet.</summary>
    public async Task<IReadOnlyList<DeployedImage>> Missing(CancellationToken cancel)
    {
        var missing = new List<DeployedImage>();
        foreach (var image in Needed)
            if (await _target.FindManifest(image.Tag, cancel) is null) missing.Add(image);
        return missing;
    }

    public Task<WrapOutcome> Copy(DeployedImage image, IProgress<CopyProgress> progress, CancellationToken cancel) => image.Wrapper.Write(image.Plan, _layer!, image.Tag, progress, cancel);

    /// <summary>False for a step that is said to have no image because its image could not be read, which was told already.</summary>
    public static bool IsNews(Plan plan, Problem problem) => problem.Code != StackSteps.NoImage || plan.Steps.Any(step => step.Step.Source == problem.Where && !NamesImage(step.Step));

    public async ValueTask DisposeAsync()
    {
        foreach (var image in _images.Values)
        {
            await image.Wrapper.DisposeAsync();
            await image.From.DisposeAsync();
        }
        await _target.DisposeAsync();
    }

    /// <summary>Where the image lies; without a value where there is none, which the stack's own check tells.</summary>
    private async Task<Reading<string>> SourceOf(Step step, CancellationToken cancel)
    {
        var algorithm = step.Algorithm;
        if (!NamesImage(step)) return new(null, []);
        if (algorithm.Image is null) return await ToolboxImage.Make(context, cancel);
        // What was found inside an image is named by digest or by an engine's id; it lies where the workflow says.
        return new(ImageAlgorithms.LooksLikeImage(step.AlgorithmReference) && !File.Exists(algorithm.Source.File ?? "") ? step.AlgorithmReference : algorithm.Image, []);
    }

    private async Task<Reading<DeployedImage>> Plan(string source, Algorithm algorithm, AgentLayer layer, CancellationToken cancel)
    {
        var travelling = TravellingAlgorithm.Of(algorithm);
        if (travelling.Value is not { } travels) return new(null, travelling.Problems);
        var from = await ImagePlaces.Open(source, PlaceUse.Read, settings, cancel);
        var wrapper = new Wrapper(from.Place, _target);
        var baseName = PlaceName.TryParse(source, out var place, out _) && place.Path.Length == 0 ? place.Name : null;
        var planned = await wrapper.Plan(from.Tag, new WrapOrder(travels.Algorithm, layer, baseName, [Platform]), cancel);
        if (planned.Value is not { } plan)
        {
            await wrapper.DisposeAsync();
            await from.DisposeAsync();
            return new(null, planned.Problems);
        }
        var part = plan.Parts[0];
        var bad = ImageCheck.Quick(travels.Algorithm, part.Base.Manifest, part.Base.Config).Where(finding => finding.Kind == FindingKind.Bad).ToList();
        var inPlace = Ecr().IsMatch(place.Name ?? "") && (await from.Place.FindManifest(from.Tag, cancel))?.Digest == plan.Image.Digest;
        var image = new DeployedImage(source, from, wrapper, plan, $"{Safe(algorithm.Name)}-{plan.Image.Digest.Hex[..12]}", inPlace ? $"{from.Place.Name}@{plan.Image.Digest}" : null);
        return new(image, [.. bad.Select(finding => new Problem(finding.Code!, finding.Says, null, finding.Advice))]);
    }

    private static bool NamesImage(Step step) => step.Algorithm.Image is not null || AlgorithmFinder.ToolboxNames.Contains(step.AlgorithmReference);

    /// <summary>As a tag may be.</summary>
    private static string Safe(string name) => Unsafe().Replace(name, "-").Trim('-', '.') is { Length: > 0 } safe ? safe[..Math.Min(safe.Length, 100)] : "algorithm";

    private static ImagePlace Open(ImagePlaceSettings settings, string repository, RegistryAccess? access)
    {
        // Where only a template is wanted, no registry is asked anything.
        var host = access is null ? "ecr.invalid" : new Uri(access.Address).Authority;
        var login = access is null ? null : new RegistryLogin(host, access.User, access.Password);
        return ImagePlaces.Registry(new ImageReference(host, repository, "latest", null), PlaceUse.Write, settings with { From = null, Login = login }).Place;
    }

    [GeneratedRegex(@"^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^@:]+)")]
    private static partial Regex Ecr();

    [GeneratedRegex("[^A-Za-z0-9_.-]+")]
    private static partial Regex Unsafe();
}

/// <summary>Says what will run on AWS, and runs nothing here.</summary>
internal sealed class DeployedPrograms(DeployImages images, IReadOnlyDictionary<Algorithm, string> references) : ILauncher
{
    public string Name => "aws";
    public bool InputsAreWritable => false;

    public ValueTask<Reading<AlgorithmProgram>> Resolve(Algorithm algorithm, CancellationToken cancel) => ValueTask.FromResult(
        images.All.TryGetValue(references[algorithm], out var image)
            ? new Reading<AlgorithmProgram>(new AlgorithmProgram(image.Identity.ToString(), image.Plan.Image.Digest.ToString(), null, new Dictionary<string, Digest>(), algorithm.Network, algorithm.Isolation), [])
            : new Reading<AlgorithmProgram>(null, []));

    public string Seen(string hostPath) => hostPath;

    public AgentDone Run(AlgorithmProgram program, SlotLimits limits, AgentRun run, CancellationToken stop) => throw new InvalidOperationException("What is deployed runs elsewhere.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
