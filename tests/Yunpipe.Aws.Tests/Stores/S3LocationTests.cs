using System.Text;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Items;

namespace Yunpipe.Aws.Tests.Stores;

/// <summary>A bucket as a place of images, against the small S3 of this process and against another emulator.</summary>
public sealed class S3LocationTests : IAsyncLifetime
{
    private readonly SmallAws _aws = new();
    private readonly string _work = Directory.CreateTempSubdirectory("yunpipe-s3-").FullName;
    private TestBuckets _buckets = null!;

    public async ValueTask InitializeAsync() => _buckets = await TestBuckets.Make(_aws.Connect(), new S3Limits(PartSize: 100, OneCopy: 250, CopyPart: 90));

    public async ValueTask DisposeAsync()
    {
        await _buckets.DisposeAsync();
        await _aws.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    private async Task Put(params string[] keys)
    {
        foreach (var key in keys) await _buckets.Work.Put(key, Encoding.UTF8.GetBytes(key), default);
    }

    private static ValueTask<List<SourceFile>> List(S3Location location, Func<string, bool>? stopsAt = null, Func<string, bool>? enters = null) =>
        location.List(stopsAt ?? (_ => false), enters ?? (_ => true), default).ToListAsync();

    [Fact]
    public async Task Keys_of_any_bytes_are_listed_decoded_once_and_fetched()
    {
        string[] keys = ["in/a b+c%20%2B.tif", "in/häß/\u0001control\n.tif", "in/“quoted” 'and' \"so\"&<>#?.tif", "in/-dash.tif", "in/" + string.Join('/', Enumerable.Repeat(new string('k', 204), 5))[..1021], "in/ü/日本.tif"];
        await Put([.. keys, "other/x.tif"]);
        var files = await List(_buckets.Location("in/"));
        files.Select(file => "in/" + file.Path).ShouldBe(keys, ignoreOrder: true);
        foreach (var file in files)
        {
            var path = await _buckets.Location("in/").Fetch(TestBuckets.File(file), _work, default);
            (await File.ReadAllTextAsync(path!)).ShouldBe("in/" + file.Path);
        }
    }

    [Fact]
    public async Task A_listing_of_many_pages_has_every_key_once()
    {
        _aws.S3.PageSize = 7;
        var keys = Enumerable.Range(0, 100).Select(n => $"in/{n % 9}/{n:d3}.tif").ToArray();
        await Put(keys);
        (await List(_buckets.Location("in/"))).Select(file => "in/" + file.Path).ShouldBe(keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Folder_markers_are_no_files_and_an_empty_object_is_one()
    {
        await _buckets.Work.Put("in/", [], default);
        await _buckets.Work.Put("in/folder/", [], default);
        await _buckets.Work.Put("in/folder/empty.tif", [], default);
        await _buckets.Work.Put("in/odd/", [1], default);
        var files = await List(_buckets.Location("in/"));
        files.Select(file => file.Path).ShouldBe(["folder/empty.tif", "odd/"]);
        new FileInfo((await _buckets.Location("in/").Fetch(TestBuckets.File(files[0]), _work, default))!).Length.ShouldBe(0);
        ItemKey.Flaw("odd/").ShouldNotBeNull("it is told, and set aside");
    }

    [Fact]
    public async Task A_file_that_changed_since_is_not_fetched()
    {
        await Put("in/a.tif");
        var file = TestBuckets.File((await List(_buckets.Location("in/")))[0]);
        await _buckets.Work.Put("in/a.tif", "corrected"u8.ToArray(), default);
        (await _buckets.Location("in/").Fetch(file, _work, default)).ShouldBeNull();
        await _buckets.Work.Delete("in/a.tif", default);
        (await _buckets.Location("in/").Fetch(file, _work, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_file_that_changes_between_two_parts_is_not_fetched()
    {
        var bytes = Enumerable.Range(0, 950).Select(n => (byte)n).ToArray();
        await _buckets.Work.Put("in/big.tif", bytes, default);
        var requests = 0;
        _aws.Http.Latency = request =>
        {
            if (request.Method == "GET" && Interlocked.Increment(ref requests) == 2) _aws.S3.Bucket(_buckets.Work.Name).Put("in/big.tif", [new byte[950]]);
            return TimeSpan.Zero;
        };
        (await _buckets.Transfer.Download(_buckets.Work, "in/big.tif", null, 950, Path.Combine(_work, "big.tif"), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_directory_style_image_is_one_entry_whose_version_changes_with_any_file()
    {
        await Put("in/a.zarr/.zattrs", "in/a.zarr/0/0.0", "in/a.zarr.txt", "in/.hidden/x.tif", "in/b.tif");
        var location = _buckets.Location("in/");
        ValueTask<List<SourceFile>> Listed() => List(location, folder => folder.EndsWith(".zarr", StringComparison.Ordinal), folder => !folder.StartsWith('.'));
        var first = await Listed();
        first.Select(file => (file.Path, file.IsDirectory)).ShouldBe([("a.zarr.txt", false), ("a.zarr", true), ("b.tif", false)], ignoreOrder: true);
        var image = first.Single(file => file.IsDirectory);
        location.Stat("a.zarr")?.Version.ShouldBe(image.Version);
        var folder = await location.Fetch(TestBuckets.File(image), _work, default);
        File.ReadAllText(Path.Combine(folder!, "0/0.0")).ShouldBe("in/a.zarr/0/0.0");
        await Put("in/a.zarr/0/0.1");
        (await Listed()).Single(file => file.IsDirectory).Version.ShouldNotBe(image.Version);
        (await location.Fetch(TestBuckets.File(image), Path.Combine(_work, "again"), default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(12_345)]
    public async Task A_file_goes_up_in_parts_is_copied_in_parts_and_comes_back_the_same(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        var path = Path.Combine(_work, "up");
        await File.WriteAllBytesAsync(path, bytes);
        await _buckets.Transfer.Upload(_buckets.Work, path, "a key+%", default);
        await _buckets.Transfer.Copy(_buckets.Work, "a key+%", _buckets.Results, "cö py", size, default);
        (await _buckets.Transfer.Download(_buckets.Results, "cö py", null, size, Path.Combine(_work, "down"), default)).ShouldBeTrue();
        (await File.ReadAllBytesAsync(Path.Combine(_work, "down"))).ShouldBe(bytes);
    }

    [Fact]
    public async Task Large_files_survive_requests_that_fail_and_answers_that_break_off()
    {
        var faults = new Faults(0.1, seed: 3);
        await using var aws = new SmallAws(faults) { Suspended = true };
        await using var buckets = await TestBuckets.Make(aws.Connect(TimeSpan.FromSeconds(4)), new S3Limits(PartSize: 1000));
        aws.Suspended = false;
        var bytes = new byte[100_001];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(_work, "up"), bytes);
        await buckets.Transfer.Upload(buckets.Work, Path.Combine(_work, "up"), "key", default);
        await buckets.Transfer.Download(buckets.Work, "key", null, bytes.Length, Path.Combine(_work, "down"), default);
        (await File.ReadAllBytesAsync(Path.Combine(_work, "down"))).ShouldBe(bytes);
        faults.Made.ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task Who_pays_for_requests_says_so_and_a_public_bucket_is_read_without_a_signature()
    {
        await Put("in/a.tif");
        var seen = new List<HttpRequest>();
        _aws.Http.Latency = request => { lock (seen) seen.Add(request); return TimeSpan.Zero; };
        var payer = new S3Location(new S3Bucket(_buckets.Connection.S3(anonymous: true), _buckets.Work.Name, requesterPays: true), "in/", _buckets.Transfer);
        var file = (await List(payer)).ShouldHaveSingleItem();
        (await payer.Fetch(TestBuckets.File(file), _work, default)).ShouldNotBeNull();
        seen.ShouldAllBe(request => request.Header("x-amz-request-payer") == "requester" && request.Header("Authorization") == null);
        seen.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("s3://lab-images", "lab-images", "")]
    [InlineData("s3://lab-images/a b/c", "lab-images", "a b/c/")]
    [InlineData("s3://lab-images/a/", "lab-images", "a/")]
    public void An_address_names_bucket_and_prefix(string text, string bucket, string prefix) => S3Address.Read(text).OrThrow().Address.ShouldBe(new S3Address(bucket, prefix));

    [Theory]
    [InlineData("s3://")]
    [InlineData("s3://Lab/x")]
    [InlineData("s3://a/x")]
    [InlineData("/s3/x")]
    public void What_names_no_bucket_is_refused(string text) => S3Address.Read(text).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP6001");
}
