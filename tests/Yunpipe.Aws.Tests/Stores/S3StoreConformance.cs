using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Stores;
using Yunpipe.Tests.Conformance;

namespace Yunpipe.Aws.Tests.Stores;

public sealed class S3StoreTests : StoreConformance
{
    private readonly SmallAws _aws = new();
    private TestBuckets? _buckets;

    protected override async Task<IStore> Open(string folder) => (_buckets = await TestBuckets.Make(_aws.Connect())).Store();

    protected override string? Viewed(IStore store, string folder, string path) => _buckets!.Viewed(path);

    protected override async ValueTask Close()
    {
        await _buckets!.DisposeAsync();
        await _aws.DisposeAsync();
    }
}

/// <summary>One request in twenty fails, breaks off, is refused for haste, or is done without its answer being heard.</summary>
public sealed class FaultyS3StoreTests : StoreConformance
{
    private readonly Faults _faults = new(0.05, seed: 7);
    private readonly SmallAws _aws;
    private TestBuckets? _buckets;

    public FaultyS3StoreTests() => _aws = new SmallAws(_faults) { Suspended = true };

    protected override async Task<IStore> Open(string folder)
    {
        _buckets = await TestBuckets.Make(_aws.Connect(TimeSpan.FromSeconds(4)));
        _aws.Suspended = false;
        return _buckets.Store();
    }

    protected override string? Viewed(IStore store, string folder, string path) => _buckets!.Viewed(path);

    protected override async ValueTask Close()
    {
        await _buckets!.DisposeAsync();
        await _aws.DisposeAsync();
    }
}

/// <summary>Against whatever AWS_ENDPOINT_URL names: a service that honours conditions on writes.</summary>
public sealed class GivenS3StoreTests : StoreConformance
{
    private TestBuckets? _buckets;

    protected override async Task<IStore> Open(string folder) => (_buckets = await TestBuckets.Make(GivenEndpoint.Connect())).Store();

    protected override string? Viewed(IStore store, string folder, string path) => _buckets!.Viewed(path);

    protected override ValueTask Close() => _buckets?.DisposeAsync() ?? ValueTask.CompletedTask;
}
