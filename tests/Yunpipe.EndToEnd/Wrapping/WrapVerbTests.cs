using System.Text.Json;
using System.Text.RegularExpressions;
using Yunpipe.EndToEnd.Verbs;
using Yunpipe.Images;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Wrapping;

/// <summary>What a person sees of wrapping, with images in a folder and without any engine.</summary>
public sealed class WrapVerbTests
{
    private const string Descriptor = """
        name: smooth
        version: "2"
        description: Smooths an image.
        image: oci:base:smooth
        command: [/bin/sh, "${image}", "${sigma}", "${fast}", "${output}", "${out}/${stem}.tif"]
        inputs: {image: {accepts: ["*.tif"]}}
        outputs: {smoothed: "${stem}.tif"}
        variables:
          sigma: {type: number, default: 1.5, minimum: 0, maximum: 10, help: "Width of the smoothing, in pixels", flag: --sigma}
          fast: {type: flag, flag: --fast, help: "Smooth roughly"}
          output: {values: [small, large], flag: --output, help: "How much is written"}

        """;

    private static readonly IReadOnlyList<TestFile> Shell = [TestFile.Program("bin/sh", "#!/bin/busybox\n"), TestFile.Program("bin/busybox", "#!/bin/busybox\n")];

    private static async Task<Verbs.Cli> Folder()
    {
        var cli = new Verbs.Cli();
        cli.Put("smooth.yaml", Descriptor);
        cli.Put("pyhton.yaml", Descriptor.Replace("/bin/sh", "pyhton", StringComparison.Ordinal));
        cli.Put("none.yaml", Descriptor.Replace("image: oci:base:smooth\n", "", StringComparison.Ordinal));
        cli.Put("script.yaml", Descriptor + "files: [run.py]\n");
        var memory = new MemoryPlace();
        new TestImage { Layers = [Shell, [new TestFile("etc/note", "more")]] }.PutInto(memory, "smooth");
        new TestImage { Os = "windows" }.PutInto(memory, "windows");
        new TestImage { Architecture = "arm64" }.PutInto(memory, "arm");
        new TestImage { Run = """{"Env":["PATH=/bin"]}""", Layers = [Shell] }.PutInto(memory, "bare");
        foreach (var name in (string[])["smooth", "windows", "arm", "bare"])
        {
            await using var layout = await ImagePlaces.Open($"oci:{Path.Combine(cli.Root, "base")}:{name}", PlaceUse.Write, new ImagePlaceSettings { Environment = new Dictionary<string, string>() }, CancellationToken.None);
            await ImageCopy.Run(memory, name, layout.Place, layout.Tag, [], null, CancellationToken.None);
        }
        return cli;
    }

    /// <summary>Digests and figures differ with every agent, and a busy machine has time to tell its progress.</summary>
    private static string Steady(string text) => Regex.Replace(Regex.Replace(Regex.Replace(Regex.Replace(text, "sha256:[0-9a-f]{64}", "<digest>"), "[0-9]+(\\.[0-9]+)? (B|[KM]iB)\\b", "<size>"), "\"(layerBytes|movedBytes)\":[0-9]+", "\"$1\":0"), "(looking into layers|packing layers|writing): .*\n", "");

    [Fact]
    public async Task Wrapping_says_whether_it_will_run_what_it_wrote_and_how_to_go_on()
    {
        using var cli = await Folder();
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/wrap.txt", Steady(cli.Transcript(
            ["wrap", "smooth.yaml", "--dry-run"], ["wrap", "smooth.yaml", "--dry-run", "--check", "quick"], ["wrap", "smooth.yaml"], ["wrap", "smooth.yaml", "--json"], ["wrap", "smooth.yaml", "--image", "oci:base:bare", "--to", "bare.tar", "--quiet"],
            ["algorithm", "show", "oci:base:smooth-yunpipe"], ["algorithm", "list", "oci:base:smooth-yunpipe", "bare.tar"], ["algorithm", "validate", "oci:base:smooth-yunpipe", "oci:base:smooth"],
            ["algorithm", "preview", "oci:base:smooth-yunpipe", "--set", "sigma=3"], ["algorithm", "run", "oci:base:smooth-yunpipe", "--help"],
            ["unwrap", "oci:base:smooth-yunpipe"], ["unwrap", "bare.tar", "--to", "oci:base:again", "--json"])));
    }

    [Fact]
    public async Task What_cannot_be_wrapped_is_told_in_one_line_and_nothing_is_written()
    {
        using var cli = await Folder();
        var before = cli.Files("base");
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/wrap-mistakes.txt", Steady(cli.Transcript(
            ["wrap", "pyhton.yaml"], ["wrap", "none.yaml"], ["wrap", "script.yaml"], ["wrap", "absent.yaml"], ["wrap", "smooth.yaml", "--image", "oci:base:windows"], ["wrap", "smooth.yaml", "--image", "oci:base:arm"],
            ["wrap", "smooth.yaml", "--platform", "linux/arm64"], ["wrap", "smooth.yaml", "--platform", "vax"], ["wrap", "smooth.yaml", "--image", "oci:base:absent"], ["wrap", "smooth.yaml", "--to", "oci:"], ["wrap", "oci:base:smooth"],
            ["unwrap", "oci:base:smooth"], ["unwrap", "absent.tar"], ["algorithm", "run", "oci:base:smooth", "x.tif"], ["algorithm", "run", "smooth.yaml", "x.tif", "--sigma", "11", "--set", "fats=true"])));
        cli.Files("base").ShouldBe(before);
        var none = cli.Do("wrap", "pyhton.yaml", "--check", "none", "--json");
        (none.Exit, none.Json().GetProperty("written").GetBoolean()).ShouldBe((0, true));
    }

    [Fact]
    public async Task Without_its_agent_the_command_wraps_nothing()
    {
        using var cli = await Folder();
        var alone = Path.Combine(cli.Root, "alone");
        Directory.CreateDirectory(alone);
        File.Copy(Published.Find("yunpipe"), Path.Combine(alone, "yunpipe"));
        foreach (var library in Directory.GetFiles(Path.GetDirectoryName(Published.Find("yunpipe"))!, "libe_sqlite3.so")) File.Copy(library, Path.Combine(alone, Path.GetFileName(library)));
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Path.Combine(alone, "yunpipe"), ["wrap", "smooth.yaml"]) { WorkingDirectory = cli.Root, RedirectStandardError = true })!;
        process.StandardError.ReadToEnd().ShouldStartWith("YP2153: The agent is not there: “");
        process.WaitForExit();
        process.ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task Wrapping_twice_and_wrapping_what_is_wrapped_give_one_digest_and_unwrapping_the_first()
    {
        using var cli = await Folder();
        string Digest(params string[] words)
        {
            var said = cli.Do([.. words, "--json"]);
            said.Exit.ShouldBe(0, said.Error);
            return JsonDocument.Parse(said.Out).RootElement.GetProperty("digest").GetString()!;
        }
        var first = Digest("wrap", "smooth.yaml");
        Digest("wrap", "smooth.yaml", "--to", "oci:other:x").ShouldBe(first);
        Digest("wrap", "oci:other:x", "--to", "oci:third:y").ShouldBe(first);
        var (base1, back) = (JsonDocument.Parse(cli.Do("wrap", "smooth.yaml", "--dry-run", "--json").Out).RootElement.GetProperty("baseDigest").GetString(), Digest("unwrap", "oci:third:y", "--to", "oci:third:back"));
        back.ShouldBe(base1);
    }
}
