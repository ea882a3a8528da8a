using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Local.References;
using Yunpipe.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>Reference data in buckets, brought to this machine for a command; what the command reads stays until this is disposed.</summary>
/// <param name="silent">True where nobody is to be told how far it is.</param>
internal sealed class ReferenceData(CliContext context, bool silent) : IDisposable
{
    private const string Unreachable = "YP6051";

    private readonly string _folder = Path.Combine(context.Cache ?? Path.Combine(Path.GetTempPath(), ".cache", "yunpipe"), "references");
    private readonly Terminal _terminal = context.Terminal;
    private readonly S3Transfer _transfer = new(new S3Limits());
    private S3Places? _places;
    private ReferenceCache? _cache;

    public bool NoSign { get; init; }

    public bool Payer { get; init; }

    /// <summary>True where what is not here already is left where it is: it then counts as data that nobody has seen.</summary>
    public bool OnlyLooks { get; init; }

    public Task<Reading<BroughtPlan>> Bring(Plan plan, CancellationToken cancel) => PlanReferences.Bring(plan, Look, Unreachable, cancel);

    public void Dispose()
    {
        _cache?.Dispose();
        _places?.Dispose();
        _transfer.Dispose();
    }

    private Task<Reading<PlanReferences.Bringing>> Look(string place, bool directory, CancellationToken cancel) => Guarded<PlanReferences.Bringing>("read", async () =>
    {
        _places ??= new S3Places(context);
        var looked = await S3Reference.Look(name => new S3Bucket(_places.Connection.S3(NoSign), name, Payer), _places.Connection.S3Endpoint ?? "", place, directory, _transfer, cancel);
        return looked.Value is { } remote ? new(stop => Guarded("fetched", () => Bring(place, remote, stop)), []) : new(null, looked.Problems);
    });

    private async Task<Reading<LocalReference>> Bring(string place, RemoteReference remote, CancellationToken cancel)
    {
        _cache ??= new ReferenceCache(_folder, context.Time, name => Say($"{Words.Name(name)} is being fetched by another command; this one waits for it."));
        if (OnlyLooks) return new(_cache.Find(remote) ?? new LocalReference(place, $"not here: {Digest.Of(System.Text.Encoding.UTF8.GetBytes($"{remote.Source} {remote.Version}"))}", remote.Size), []);
        return await Fetch(remote, cancel) is { } here ? new(here, []) : Refused<LocalReference>(Unreachable, "has changed while it was fetched.", "The same command again fetches it as it is now.");
    }

    private async Task<Reading<T>> Guarded<T>(string doing, Func<Task<Reading<T>>> work) where T : class
    {
        try
        {
            return await work();
        }
        catch (YunpipeException error)
        {
            return Refused<T>(error.Problem.Code, $"cannot be {doing}: {error.Problem.Message}", error.Problem.Advice);
        }
        catch (UnauthorizedAccessException error)
        {
            return Refused<T>("YP6050", $"cannot be {doing}: {error.Message.TrimEnd('.')}.", null);
        }
        catch (IOException error)
        {
            var full = error.Message.Contains("No space left", StringComparison.Ordinal);
            return Refused<T>(Unreachable, $"cannot be {doing}: {error.Message.TrimEnd('.')}.", full ? $"Make room in {_folder}, or set XDG_CACHE_HOME to a larger place." : "Mend that, and the same command goes on.");
        }
    }

    private async Task<LocalReference?> Fetch(RemoteReference remote, CancellationToken cancel)
    {
        using var watch = new CopyWatch(_terminal, silent, context.Time);
        var done = 0L;
        return await _cache!.Bring(remote, count => watch.Report(new CopyProgress($"fetching {Words.Name(remote.Name)}", Interlocked.Add(ref done, count), remote.Size)), cancel);
    }

    private void Say(string text)
    {
        if (!silent) _terminal.Error.WriteLine(text);
    }

    private static Reading<T> Refused<T>(string code, string message, string? advice) where T : class => new(null, [new Problem(code, message, null, advice)]);
}
