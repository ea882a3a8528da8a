using System.Collections.Concurrent;
using System.Text.Json;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Images.Registries;

namespace Yunpipe.Local.Launchers;

/// <summary>An image that lies in the engine.</summary>
/// <param name="Id">The engine's own id, which no later tag can move.</param>
/// <param name="Reference">Digest reference where the engine knows one, otherwise the id: what a manifest records.</param>
internal sealed record LocalImage(string Id, string Reference, ImageIdentity Identity);

/// <summary>Finds each image once per run, and pulls what is absent.</summary>
internal sealed class ContainerImages(ContainerEngine engine, Action<string>? says)
{
    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(30), PullPatience = TimeSpan.FromHours(2);

    private readonly ConcurrentDictionary<string, Lazy<Reading<LocalImage>>> _found = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _ids = new(StringComparer.Ordinal);

    public Reading<LocalImage> Find(string reference, CancellationToken cancel)
    {
        var looking = _found.GetOrAdd(reference, name => new Lazy<Reading<LocalImage>>(() => Look(name, cancel)));
        try
        {
            if (looking.Value.Value is { } image)
            {
                _ids[image.Reference] = image.Id;
                return looking.Value;
            }
        }
        catch (OperationCanceledException)
        {
            // A question that was taken back is no answer for the next.
            _found.TryRemove(reference, out _);
            throw;
        }
        // A failure may pass: the next question asks again.
        _found.TryRemove(reference, out _);
        return looking.Value;
    }

    /// <summary>What to start for a reference that <see cref="Find"/> gave.</summary>
    public string IdOf(string reference) => _ids.GetValueOrDefault(reference, reference);

    private Reading<LocalImage> Look(string name, CancellationToken cancel)
    {
        var isId = Digest.TryParse(name, out _);
        if (!isId && PlaceName.TryParse(name, out var place, out _) && place.Path.Length > 0)
        {
            var loaded = LoadedImage.Load(engine, name, says, cancel);
            return loaded.Value is { } tag ? Look(tag, cancel) : new(null, loaded.Problems);
        }
        ImageReference? reference = null;
        if (!isId && !ImageReference.TryParse(name, out reference, out var flaw))
            return Not(new Problem("YP4107", $"“{name}” is not the name of an image: {flaw}.", null, "Write it as registry/name:tag."));
        var answer = Inspect(name, cancel);
        if (!answer.Ok && EngineWords.Down(engine.Name, answer.Errors) is { } down) return Not(down);
        if (!answer.Ok)
        {
            if (isId) return Not(new Problem("YP4101", $"There is no image “{name}” in {engine.Name}.", null, "An id is known to one machine only: use a name."));
            says?.Invoke($"pulling {name}");
            var pulled = engine.Ask(["pull", "--quiet", .. InTheClear(reference!), name], PullPatience, cancel);
            cancel.ThrowIfCancellationRequested();
            if (!pulled.Ok) return Not(EngineWords.Pull(engine.Name, name, pulled.Errors));
            answer = Inspect(name, cancel);
        }
        return answer.Ok ? Read(name, reference, answer.Output) : Not(EngineWords.Pull(engine.Name, name, answer.Errors));
    }

    /// <summary>Docker speaks to registries of this very machine without encryption where they have none, and so do we; podman does when it is told.</summary>
    private string[] InTheClear(ImageReference reference) =>
        engine.IsPodman && reference.Registry is { } registry && new RegistryAddress(registry).IsLoopback ? ["--tls-verify=false"] : [];

    private EngineAnswer Inspect(string name, CancellationToken cancel)
    {
        // An engine whose containers were killed a moment ago may deny an image that it has: asking twice more is cheaper than a pull.
        var answer = engine.Ask(["image", "inspect", name], AskPatience, cancel);
        for (var again = 0; again < 2 && !answer.Ok && !cancel.IsCancellationRequested; again++)
        {
            cancel.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(300));
            answer = engine.Ask(["image", "inspect", name], AskPatience, cancel);
        }
        cancel.ThrowIfCancellationRequested();
        return answer;
    }

    private static Reading<LocalImage> Read(string name, ImageReference? reference, string text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement[0];
        var id = root.GetProperty("Id").GetString()!;
        if (!id.Contains(':')) id = "sha256:" + id;
        var config = root.TryGetProperty("Config", out var given) && given.ValueKind == JsonValueKind.Object ? given : default;
        var identity = new ImageIdentity
        {
            Layers = Texts(root.GetProperty("RootFS"), "Layers"),
            Entrypoint = Texts(config, "Entrypoint"),
            Command = Texts(config, "Cmd"),
            Environment = Texts(config, "Env"),
            User = Text(config, "User"),
            Directory = Text(config, "WorkingDir"),
            Labels = config.ValueKind == JsonValueKind.Object && config.TryGetProperty("Labels", out var labels) && labels.ValueKind == JsonValueKind.Object
                ? labels.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal) : [],
        };
        var digests = Texts(root, "RepoDigests");
        var digest = digests.FirstOrDefault(text => reference is not null && text.StartsWith(reference.Name + "@", StringComparison.Ordinal)) ?? (digests.Count > 0 ? digests[0] : null);
        if (root.TryGetProperty("Os", out var os) && os.GetString() is { Length: > 0 } kind && kind != "linux")
            return Not(new Problem("YP4105", $"“{name}” is made for {kind}; containers here run Linux.", null, "Ask its author for a Linux build."));
        return new Reading<LocalImage>(new LocalImage(id, digest ?? id, identity), []);
    }

    private static IReadOnlyList<string> Texts(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")] : [];

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static Reading<LocalImage> Not(Problem problem) => new(null, [problem]);
}
