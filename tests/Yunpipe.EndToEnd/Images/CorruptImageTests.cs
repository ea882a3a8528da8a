using System.Diagnostics;
using System.Runtime.CompilerServices;
using Yunpipe.EndToEnd.Faults;
using Yunpipe.Stores;

namespace Yunpipe.EndToEnd.Images;

/// <summary>Damaged and odd images through the toolbox's algorithms: a sentence each, and the rest goes on.</summary>
public sealed class CorruptImageTests
{
    private const string Unreadable = "The image cannot be read (exit code 3)", TooLarge = "The image is larger than the limit (exit code 4)";

    /// <summary>What makes one image of one image.</summary>
    private static readonly string[] Steps = ["blur", "denoise", "background", "threshold", "segment", "thumbnail", "convert"];

    private static Workbench Make(params string[] steps)
    {
        var bench = new Workbench();
        var toolbox = Published.Find("yunpipe-toolbox");
        using var synth = Process.Start(new ProcessStartInfo(toolbox, ["synth", "--out", bench.In, "--truth", bench.Root, "--count", "2", "--size", "128x128", "--cells", "5"]) { RedirectStandardOutput = true })!;
        synth.WaitForExit();
        synth.ExitCode.ShouldBe(0);
        bench.Beside("workflow.yaml", $"input: ./in\nsteps:\n{string.Join('\n', steps.Select(step => $"  - {{name: {step}, algorithm: {step}, inputs: {{image: input}}}}"))}\n");
        return bench;
    }

    [Fact]
    public async Task Damaged_images_are_a_sentence_at_every_step_and_the_good_ones_go_through()
    {
        using var bench = Make(Steps);
        var good = Directory.EnumerateFiles(bench.In).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();
        var whole = File.ReadAllBytes(Path.Combine(bench.In, good[0]));
        var bad = new Dictionary<string, string>();
        void Bad(string name, byte[] bytes, string sentence)
        {
            File.WriteAllBytes(Path.Combine(bench.In, name), bytes);
            bad[name] = sentence;
        }
        foreach (var percent in (int[])[1, 30, 60, 99]) Bad($"cut at {percent}.tif", whole[..(whole.Length * percent / 100)], Unreadable);
        Bad("empty.tif", [], Unreadable);
        Bad("zeros.tif", new byte[50_000], Unreadable);
        Bad("text.tif", "not an image at all"u8.ToArray(), Unreadable);
        Bad("random.png", Noise(10_000), Unreadable);
        Bad("claims.tif", OddFiles.TiffThatClaims(100_000, 100_000), TooLarge);
        Bad("bomb.png", OddFiles.BlackPng(30_000, 30_000), TooLarge);
        new FileInfo(Path.Combine(bench.In, "bomb.png")).Length.ShouldBeLessThan(2_000_000);

        var run = await bench.Run();
        run.Exit.ShouldBe(3, run.Words);
        var failures = await bench.Failures();
        failures.Count.ShouldBe(bad.Count * Steps.Length);
        foreach (var failure in failures)
        {
            failure.Sentence.ShouldBe(bad[failure.Key], $"{failure.Step} of {failure.Key}: {failure.Tail}");
            failure.Cause.ShouldBe(Cause.ExitCode);
            failure.Attempts.Count.ShouldBe(1, "a damaged image does not mend itself");
            failure.Tail.ShouldContain(failure.Key, customMessage: failure.Step);
        }
        foreach (var step in Steps) Directory.EnumerateFiles(Path.Combine(bench.Out, step)).Count().ShouldBe(good.Count, step);
        bench.View().Count.ShouldBe(good.Count * Steps.Length);
    }

    [Fact]
    public async Task An_image_with_a_wrong_ending_is_read_by_its_content()
    {
        using var bench = Make("thumbnail", "segment");
        File.WriteAllBytes(Path.Combine(bench.In, "png in truth.tif"), OddFiles.BlackPng(64, 64));
        var run = await bench.Run();
        run.Exit.ShouldBe(0, run.Words);
        bench.View().Keys.ShouldContain("thumbnail/png in truth.png");
        bench.View().Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_gather_goes_on_without_the_damaged_where_it_is_told_to_and_says_whom_it_left_out()
    {
        using var bench = Make();
        File.WriteAllBytes(Path.Combine(bench.In, "damaged.tif"), "not an image"u8.ToArray());
        bench.Beside("workflow.yaml", """
            input: ./in
            steps:
              - {name: segment, algorithm: segment}
              - {name: measure, algorithm: measure, inputs: {labels: segment.labels, image: input}}
              - {name: table, algorithm: concat, inputs: {rows: measure.table}, gather: {missing: skip}}
              - {name: overview, algorithm: montage, inputs: {images: segment.labels}, gather: {missing: skip}}
            """);
        var run = await bench.Run();
        run.Exit.ShouldBe(3, run.Words);
        bench.View().Keys.Where(path => path.StartsWith("table/", StringComparison.Ordinal) || path.StartsWith("overview/", StringComparison.Ordinal)).ShouldBe(["overview/all.png", "table/all.csv"]);
        foreach (var manifest in (await bench.Manifests()).Where(manifest => manifest.Step is "table" or "overview")) manifest.Missing.ShouldBe(["damaged.tif"], manifest.Step);
        (await bench.Failures()).ShouldHaveSingleItem().Sentence.ShouldBe(Unreadable);
    }

    [Fact]
    public async Task Real_micrographs_go_through_and_their_halves_do_not()
    {
        using var bench = Make("denoise", "segment", "thumbnail");
        foreach (var file in Directory.EnumerateFiles(bench.In)) File.Delete(file);
        foreach (var path in Directory.EnumerateFiles(Micrographs()))
        {
            var bytes = File.ReadAllBytes(path);
            var name = Path.ChangeExtension(Path.GetFileName(path), ".tif");
            File.WriteAllBytes(Path.Combine(bench.In, name), bytes);
            File.WriteAllBytes(Path.Combine(bench.In, "half of " + name), bytes[..(bytes.Length / 2)]);
        }
        var images = Directory.GetFiles(bench.In).Length / 2;
        var run = await bench.Run();
        run.Exit.ShouldBe(3, run.Words);
        bench.View().Count.ShouldBe(3 * images);
        var failures = await bench.Failures();
        failures.Count.ShouldBe(3 * images);
        failures.ShouldAllBe(failure => failure.Key.StartsWith("half of ") && failure.Sentence == Unreadable);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static string Micrographs([CallerFilePath] string here = "")
    {
        var shared = Environment.GetEnvironmentVariable("YUNPIPE_SHARED") ?? Path.Combine(Path.GetDirectoryName(here)!, "../../../../shared");
        var folder = Path.GetFullPath(Path.Combine(shared, "images/cells"));
        if (!Directory.Exists(folder)) Assert.Skip("The real micrographs are not here: set YUNPIPE_SHARED to the folder that holds images/.");
        return folder;
    }
}
