using System.Text;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Stores;

/// <summary>What needs no conditions on writes, against an S3 that others wrote.</summary>
public sealed class OtherS3Tests(OtherEmulator emulator)
{
    [Fact]
    public async Task Files_go_up_in_parts_are_listed_copied_and_come_back_in_ranges()
    {
        var work = Directory.CreateTempSubdirectory("yunpipe-s3-").FullName;
        await using var buckets = await TestBuckets.Make(emulator.Connect(), new S3Limits(PartSize: 5 << 20));
        var bytes = new byte[(17 << 20) + 3];
        new Random(5).NextBytes(bytes);
        await File.WriteAllBytesAsync(Path.Combine(work, "up"), bytes);
        await buckets.Transfer.Upload(buckets.Work, Path.Combine(work, "up"), "in/a b+ü.tif", default);
        await buckets.Work.Put("in/small.txt", Encoding.UTF8.GetBytes("small"), default);
        var location = buckets.Location("in/");
        var files = await location.List(_ => false, _ => true, default).ToListAsync();
        files.Select(file => (file.Path, file.Size)).ShouldBe([("a b+ü.tif", bytes.Length), ("small.txt", 5)]);
        (await File.ReadAllBytesAsync((await location.Fetch(TestBuckets.File(files[0]), work, default))!)).ShouldBe(bytes);
        await buckets.Transfer.Copy(buckets.Work, "in/a b+ü.tif", buckets.Results, "copy", bytes.Length, default);
        (await buckets.Results.Head("copy", default))?.Size.ShouldBe(bytes.Length);
        Directory.Delete(work, recursive: true);
    }
}
