using Yunpipe.Images;
using Yunpipe.Images.Files;

namespace Yunpipe.Tests;

/// <summary>Memory is counted for the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ImageMemoryTests), DisableParallelization = true)]
[Collection(nameof(ImageMemoryTests))]
public sealed class ImageMemoryTests
{
    private const long Size = 128 << 20;

    /// <summary>A few buffers for each of what runs at once; a layer would be many times that.</summary>
    private const long Most = 24 << 20;

    private static readonly BlobDescriptor Layer = new(MediaTypes.Layer, Digest.FromHash(System.Security.Cryptography.SHA256.HashData(new Zeros())), Size);

    [Fact]
    public async Task A_layer_goes_into_a_registry_without_being_held_in_memory()
    {
        long received = 0;
        await using var registry = new TestRegistry();
        registry.Before = async request => request.Method switch
        {
            "PATCH" when (received = await request.PassOver()) > 0 => new TinyAnswer(202),
            "PUT" => new TinyAnswer(201),
            _ => null,
        };
        await using var place = registry.Open("lab/x");
        await Watch(place);
        received.ShouldBe(Size);
    }

    [Fact]
    public async Task A_layer_goes_into_an_archive_without_being_held_in_memory()
    {
        var output = new Nowhere();
        await using var place = new NewArchivePlace("x", ArchiveForm.Oci, () => output);
        await Watch(place);
    }

    [Fact]
    public async Task A_layer_comes_out_of_a_registry_without_being_held_in_memory()
    {
        using var scratch = new ImageScratch();
        await using var registry = new TestRegistry();
        registry.Blobs[("lab/x", Layer.Digest.ToString())] = new byte[Size];
        await using var from = registry.Open("lab/x", PlaceUse.Read);
        await using var to = new LayoutPlace(scratch.At("layout"), TimeProvider.System);
        var peak = new Peak();
        await to.WriteBlob(Layer, stop => from.OpenBlob(Layer, stop), peak, default);
        peak.Growth.ShouldBeLessThan(Most);
    }

    private static async Task Watch(ImagePlace place)
    {
        var peak = new Peak();
        await place.WriteBlob(Layer, _ => Task.FromResult<Stream>(new Zeros()), peak, default);
        peak.Seen.ShouldBe(Size);
        peak.Growth.ShouldBeLessThan(Most);
    }

    private sealed class Peak : IProgress<long>
    {
        private readonly long _before = GC.GetTotalMemory(forceFullCollection: true);
        private long _last, _peak;

        public long Seen { get; private set; }
        public long Growth => _peak - _before;

        public void Report(long value)
        {
            Seen = value;
            if (value - _last < 8 << 20) return;
            (_last, _peak) = (value, Math.Max(_peak, GC.GetTotalMemory(forceFullCollection: true)));
        }
    }

    private sealed class Nowhere : ArchiveOutput
    {
        public override Stream Stream => Stream.Null;
        public override Task Commit(CancellationToken cancel) => Task.CompletedTask;
        public override ImageException Explain(Exception error) => DiskTrouble.Writing("nowhere", error);
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Zeros : Stream
    {
        private long _left = Size;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => Size;
        public override long Position { get => Size - _left; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var now = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, now).Clear();
            _left -= now;
            return now;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
