using Yunpipe.Images;
using Yunpipe.Images.Files;

namespace Yunpipe.Tests;

public sealed class LayoutPlaceTests : IDisposable
{
    private readonly ImageScratch _scratch = new();
    private readonly SampleImage _image = new();

    private LayoutPlace Open(string name = "layout") => new(_scratch.At(name), TimeProvider.System);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task An_image_comes_back_as_it_went_in()
    {
        await using (var target = Open()) await _image.PutInto(target, "1.2");
        await using var source = Open();
        await _image.ShouldBeIn(source, "1.2");
        await _image.ShouldBeIn(source, null);
        await _image.ShouldBeIn(source, _image.Document.Digest.ToString());
        _scratch.Files.ShouldNotContain(file => file.EndsWith(".new"));
        (await source.FindManifest("1.3", default)).ShouldBeNull();
    }

    [Fact]
    public async Task What_a_killed_writer_left_is_cleared_by_the_next_and_what_somebody_writes_is_not()
    {
        await using (var target = Open()) await _image.PutInto(target, "1");
        var blobs = _scratch.At("layout/blobs/sha256");
        string left = NewFile.Temporary($"{blobs}/left"), fresh = NewFile.Temporary($"{blobs}/fresh"), held = NewFile.Temporary($"{blobs}/held"), owners = $"{blobs}/mine.new";
        foreach (var path in (string[])[left, fresh, held, owners]) File.WriteAllText(path, "half");
        foreach (var path in (string[])[left, held, owners]) File.SetLastWriteTimeUtc(path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using (new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.Read))
        await using (var target = Open()) await _image.PutInto(target, "2");
        Directory.EnumerateFiles(blobs, "*.new").Order(StringComparer.Ordinal).ShouldBe([fresh, held, owners]);
    }

    [Fact]
    public async Task A_tag_moves_and_others_stay()
    {
        var other = new SampleImage(seed: 2);
        await using (var target = Open()) await _image.PutInto(target, "a");
        await using (var target = Open()) await _image.PutInto(target, "b");
        await using (var target = Open()) await other.PutInto(target, "a");
        await using var source = Open();
        await other.ShouldBeIn(source, "a");
        await _image.ShouldBeIn(source, "b");
        await source.FindManifest(null, default).ShouldSay(ImageCodes.SeveralImages, "“a”", "“b”");
    }

    [Fact]
    public async Task Concurrent_writers_do_not_lose_each_others_tags()
    {
        var images = Enumerable.Range(0, 24).Select(seed => new SampleImage(seed: seed, sizes: [100])).ToList();
        await Task.WhenAll(images.Select((image, number) => Task.Run(async () =>
        {
            await using var target = Open();
            await image.PutInto(target, $"t{number}");
        })));
        await using var source = Open();
        for (var i = 0; i < images.Count; i++) await images[i].ShouldBeIn(source, $"t{i}");
    }

    [Fact]
    public async Task An_image_without_a_name_can_be_found()
    {
        await using (var target = Open()) await _image.PutInto(target, null);
        await using var source = Open();
        await _image.ShouldBeIn(source, null);
    }

    [Fact]
    public async Task A_blob_that_is_cut_off_wrong_or_missing_is_seen()
    {
        await using (var target = Open()) await _image.PutInto(target, "1");
        var layer = _image.Blobs[0];
        var path = _scratch.At("layout/" + LayoutView.PathOf(layer.Blob.Digest));
        await using var source = Open();
        File.WriteAllBytes(path, layer.Bytes[..^1]);
        await _image.ShouldBeIn(source, "1").ShouldSay(ImageCodes.WrongSize);
        (await source.HasBlob(layer.Blob, default)).ShouldBeFalse();
        File.WriteAllBytes(path, [.. layer.Bytes, 0]);
        await _image.ShouldBeIn(source, "1").ShouldSay(ImageCodes.WrongSize);
        layer.Bytes[5] ^= 1;
        File.WriteAllBytes(path, layer.Bytes);
        await _image.ShouldBeIn(source, "1").ShouldSay(ImageCodes.WrongDigest);
        File.Delete(path);
        await _image.ShouldBeIn(source, "1").ShouldSay(ImageCodes.NoBlob, layer.Blob.Digest.ToString());
    }

    [Fact]
    public async Task What_is_written_wrong_is_not_kept()
    {
        var blob = _image.Blobs[0].Blob;
        await using (var target = Open())
        {
            await target.WriteBlob(blob, new byte[blob.Size], default).ShouldSay(ImageCodes.WrongDigest);
            await target.WriteBlob(blob, new byte[3], default).ShouldSay(ImageCodes.WrongSize);
            _scratch.Files.ShouldNotContain(file => file.Contains(blob.Digest.Hex));
        }
        _scratch.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_of_something_else_is_neither_read_nor_written()
    {
        Directory.CreateDirectory(_scratch.At("layout"));
        File.WriteAllText(_scratch.At("layout/thesis.txt"), "years of work");
        await using (var place = Open())
        {
            await place.FindManifest(null, default).ShouldSay(ImageCodes.NotALayout);
            await _image.PutInto(place, "1").ShouldSay(ImageCodes.NotALayout);
        }
        _scratch.Files.ShouldBe(["layout", "layout/thesis.txt"]);
    }

    [Theory]
    [InlineData("oci-layout", "{}", ImageCodes.NotALayout)]
    [InlineData("oci-layout", """{"imageLayoutVersion":"2.0.0"}""", ImageCodes.NotALayout)]
    [InlineData("index.json", "not json", ImageCodes.BadManifest)]
    [InlineData("index.json", """{"manifests":[{"digest":"sha256:../../x"}]}""", ImageCodes.BadManifest)]
    public async Task A_layout_that_is_broken_is_said(string file, string content, string code)
    {
        await using (var target = Open()) await _image.PutInto(target, "1");
        File.WriteAllText(_scratch.At("layout/" + file), content);
        await using var source = Open();
        await source.FindManifest("1", default).ShouldSay(code);
    }

    [Fact]
    public async Task A_full_disk_is_said_and_nothing_stays()
    {
        // A name for “no room” that every Linux has.
        await NewFile.Copy(new MemoryStream(new byte[1 << 20]), new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1), null, error => DiskTrouble.Writing("x", error), default)
            .ShouldSay(ImageCodes.DiskFull, "Make room");
    }
}
