using Yunpipe.Items;

namespace Yunpipe.Stores;

/// <summary>The store of tests: the same promises as the others, in memory.</summary>
public sealed class MemoryStore : IStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Manifest> _manifests = [];
    private readonly List<Manifest> _order = [];
    private readonly Dictionary<(string Step, string Key), Manifest> _current = [];
    private readonly Dictionary<(string Step, string Key), string> _viewed = [];
    private readonly Dictionary<string, byte[]> _outputs = [];
    private readonly Dictionary<string, (string Step, string Key, byte[] Bytes)> _views = [];
    private readonly Dictionary<string, FailureRecord> _failures = [];
    private readonly Dictionary<string, List<AttemptRecord>> _attempts = [];

    /// <summary>The readable tree: path to bytes.</summary>
    public IReadOnlyDictionary<string, byte[]> View
    {
        get
        {
            lock (_lock) return _views.ToDictionary(view => view.Key, view => view.Value.Bytes);
        }
    }

    public ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel)
    {
        lock (_lock)
        {
            var files = _outputs.Where(output => output.Key == file.Path || output.Key.StartsWith(file.Path + "/", StringComparison.Ordinal)).ToList();
            if (files.Count == 0) return ValueTask.FromResult<string?>(null);
            var root = Path.Combine(folder, "fetched");
            foreach (var (path, bytes) in files)
            {
                var target = Path.Combine(root, path);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.WriteAllBytes(target, bytes);
            }
            return ValueTask.FromResult<string?>(Path.Combine(root, file.Path));
        }
    }

    public ValueTask<Manifest?> Find(string step, JobId job, CancellationToken cancel) => Locked(() => _manifests.GetValueOrDefault(job.ToString()));

    public ValueTask<Manifest?> FindContent(string step, string content, CancellationToken cancel) => Locked(() => _order.LastOrDefault(manifest => manifest.Content == content && Kept(manifest)));

    public ValueTask<Manifest?> FindItem(string step, string key, CancellationToken cancel) => Locked(() => _current.GetValueOrDefault((step, key)));

    public ValueTask<bool> HasOutputs(Manifest manifest, CancellationToken cancel) => Locked(() => Kept(manifest));

    public Task<Manifest> Commit(Manifest manifest, string? outputs, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_manifests.TryGetValue(manifest.Job, out var standing))
            {
                if (!IsOlder(manifest)) _current[(manifest.Step, manifest.Key)] = standing;
                if (outputs is not null && !Kept(standing)) Keep(standing, outputs);
                return Task.FromResult(standing);
            }
            if (outputs is not null) Keep(manifest, outputs);
            _manifests[manifest.Job] = manifest;
            _order.Add(manifest);
            if (!IsOlder(manifest)) _current[(manifest.Step, manifest.Key)] = manifest;
            ForgetEarlier(manifest.Step, manifest.Key);
            _attempts.Remove(manifest.Job);
            return Task.FromResult(manifest);
        }
    }

    public Task<string?> MakeView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel)
    {
        lock (_lock)
        {
            var own = (manifest.Step, manifest.Key);
            if (IsOlder(manifest)) return Task.FromResult<string?>(null);
            foreach (var entry in entries)
                if (_views.TryGetValue(entry.Path, out var holder) && (holder.Step, holder.Key) != own) return Task.FromResult<string?>(holder.Key);
            foreach (var stale in _views.Where(view => (view.Value.Step, view.Value.Key) == own).Select(view => view.Key).ToList()) _views.Remove(stale);
            foreach (var entry in entries)
            {
                var place = $"{manifest.Step}/{manifest.HeldBy}/{entry.Output.Path}";
                _views[entry.Path] = (manifest.Step, manifest.Key, _outputs.GetValueOrDefault(place, []));
                foreach (var (path, bytes) in _outputs)
                    if (entry.Output.IsDirectory && path.StartsWith(place + "/", StringComparison.Ordinal)) _views[entry.Path + path[place.Length..]] = (manifest.Step, manifest.Key, bytes);
            }
            _current[own] = manifest;
            _viewed[own] = manifest.Job;
            return Task.FromResult<string?>(null);
        }
    }

    public ValueTask<bool> HasView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel) => Locked(() =>
        entries.Count == 0 || IsOlder(manifest) || (_viewed.GetValueOrDefault((manifest.Step, manifest.Key)) == manifest.Job && entries.All(entry => _views.ContainsKey(entry.Path))));

    public ValueTask Retire(string step, string key, CancellationToken cancel)
    {
        lock (_lock)
            foreach (var path in _views.Where(view => view.Value.Step == step && (view.Value.Key == key || view.Value.Key.StartsWith(key + "/", StringComparison.Ordinal))).Select(view => view.Key).ToList())
            {
                _current.Remove((step, _views[path].Key));
                _views.Remove(path);
            }
        return ValueTask.CompletedTask;
    }

    public ValueTask AddAttempt(string step, JobId job, AttemptRecord attempt, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (!_attempts.TryGetValue(job.ToString(), out var list)) _attempts[job.ToString()] = list = [];
            list.Add(attempt);
        }
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<AttemptRecord>> Attempts(string step, JobId job, CancellationToken cancel) =>
        Locked<IReadOnlyList<AttemptRecord>>(() => [.. _attempts.GetValueOrDefault(job.ToString(), [])]);

    public Task SetAside(FailureRecord failure, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_manifests.ContainsKey(failure.Job)) return Task.CompletedTask;
            ForgetEarlier(failure.Step, failure.Key);
            _failures[failure.Job] = failure;
        }
        return Task.CompletedTask;
    }

    public ValueTask<FailureRecord?> FindFailure(string step, JobId job, CancellationToken cancel) => Locked(() => _failures.GetValueOrDefault(job.ToString()));

    public ValueTask<bool> ForgetFailure(string step, JobId job, CancellationToken cancel) => Locked(() =>
    {
        _attempts.Remove(job.ToString());
        return _failures.Remove(job.ToString());
    });

    public IAsyncEnumerable<Manifest> Manifests(string? step, CancellationToken cancel) => Stream(() => _order.Where(manifest => step is null || manifest.Step == step));

    public IAsyncEnumerable<FailureRecord> Failures(string? step, CancellationToken cancel) =>
        Stream(() => _failures.Values.Where(failure => step is null || failure.Step == step).OrderBy(failure => failure.Step, StringComparer.Ordinal).ThenBy(failure => failure.Key, StringComparer.Ordinal));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Keep(Manifest manifest, string outputs)
    {
        foreach (var file in Directory.EnumerateFiles(outputs, "*", SearchOption.AllDirectories))
            _outputs[$"{manifest.Step}/{manifest.HeldBy}/{Path.GetRelativePath(outputs, file)}"] = File.ReadAllBytes(file);
    }

    private void ForgetEarlier(string step, string key)
    {
        foreach (var job in _failures.Values.Where(failure => failure.Step == step && failure.Key == key).Select(failure => failure.Job).ToList()) _failures.Remove(job);
    }

    private bool IsOlder(Manifest manifest) => manifest.Order > 0 && _current.GetValueOrDefault((manifest.Step, manifest.Key)) is { } current && current.Order > manifest.Order;

    private bool Kept(Manifest manifest) => manifest.Outputs.Count == 0 || _outputs.Keys.Any(path => path.StartsWith($"{manifest.Step}/{manifest.HeldBy}/", StringComparison.Ordinal));

    private ValueTask<T> Locked<T>(Func<T> read)
    {
        lock (_lock) return ValueTask.FromResult(read());
    }

    private async IAsyncEnumerable<T> Stream<T>(Func<IEnumerable<T>> read)
    {
        await Task.CompletedTask;
        List<T> all;
        lock (_lock) all = [.. read()];
        foreach (var one in all) yield return one;
    }
}
