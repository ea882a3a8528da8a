using System.Text;
using System.Text.Json;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>What a wrapped image tells a person: help, versions, mistakes, and the way around it.</summary>
public sealed class HandWordsTests
{
    private const string Rich = """
        name: nuclei-segment
        version: 2.0.1
        description: |
          Finds nuclei in fluorescence images
          and labels each with a number of its own.
        command: [segment, "${image}", "${flat}", "${model}", "${sigma}", "${channels}", "${kind}", "${tiles}", "${fast}", "${note}", "${out}"]
        inputs:
          image: {accepts: ["*.tif", "*.ome.tif"]}
          flat: {accepts: "*.npy", flag: --flat}
        outputs:
          labels: "${stem}_labels.tif"
          qc: {path: "*.png", required: false}
          parts: {path: "parts/*.tif", each: true}
          pyramid: {path: "${stem}.zarr", kind: directory}
        variables:
          sigma: {type: number, default: 1.5, minimum: 0, maximum: 10, help: "Smoothing before the threshold, in pixels"}
          model: {type: file, required: true, help: The network's weights}
          channels: {type: list, of: integer, listSeparator: ",", help: Channels to look at}
          kind: {values: [nuclei, cells], default: nuclei, help: What is looked for}
          tiles: {type: integer, minimum: 1, help: Tiles a side}
          fast: {type: flag, flag: --fast, help: Half the precision}
          note: {pattern: "[a-z ]*", help: A word for the record}
        exitCodes: {3: The image holds no nuclei, 4: {kind: transient, says: The licence server did not answer}}
        """;

    [Fact]
    public async Task Help_says_what_the_algorithm_does_and_takes()
    {
        using var bench = new HandBench(Rich);
        var said = await bench.Agent("--help");
        said.Exit.ShouldBe(0, said.ToString());
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/hand-help.txt", said.Out);
        (await bench.Agent("a.tif", "-h")).Out.ShouldBe(said.Out);
    }

    [Fact]
    public async Task Mistakes_are_told_in_one_line_each_before_anything_runs()
    {
        using var bench = new HandBench().Put("a.tif", "b.png");
        string[][] mistakes =
        [
            [], ["a.tif"], ["out/"], ["gone.tif", "out"], ["gone.tif"], ["b.png", "out"], ["a.tif", "out", "--sigm", "2"], ["a.tif", "out", "--sigma"], ["a.tif", "out", "--sigma", "eleven"],
            ["a.tif", "out", "--sigma", "11", "--method", "cany"], ["a.tif", "out", "--sigma=1", "--sigma=2"], ["a.tif", "out", "--fast=perhaps"], ["a.tif", "out", "-s"],
            ["a.tif", "out", "--colour", "red"], ["a.tif", "out", "--set", "sigma"], ["a.tif", "out", "--set", "sgma=1"], ["a.tif", "out", "--mask", "gone.png"],
            ["a.tif", "out", "--mask", "a.tif", "--mask", "b.png"], ["--image", "a.tif", "a.tif", "--mask", "a.tif", "out"], ["a.tif", ""],
        ];
        var text = new StringBuilder();
        foreach (var words in mistakes)
        {
            var said = await bench.Agent(words);
            said.Exit.ShouldBe(120, string.Join(' ', words));
            said.Out.ShouldBeEmpty();
            text.Append("$ ").AppendJoin(' ', words.Select(word => word.Length == 0 ? "''" : word)).Append('\n').Append(said.Error);
        }
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/hand-mistakes.txt", text.ToString());
        Directory.Exists(Path.Combine(bench.Root, "out")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_that_a_variable_names_must_be_there()
    {
        using var bench = new HandBench("{name: m, command: [/bin/cat, \"${model}\"], variables: {model: {type: file, default: ./model.pt}}}");
        var said = await bench.Agent("out");
        said.Exit.ShouldBe(120);
        said.Error.ShouldBe("yunpipe: YP2181: “./model.pt”, which --model names, is not there. Give one that the container sees: --model FILE.\n");
        bench.Put("weights/m.pt");
        (await bench.Agent("out", "--model", "weights/m.pt")).Out.ShouldBe("weights/m.pt");
    }

    [Fact]
    public async Task The_version_is_that_of_the_algorithm_and_of_the_agent()
    {
        using var bench = new HandBench();
        (await bench.Agent("--version")).Out.ShouldMatch("^outline 1.2.0\nyunpipe-agent [0-9.]+, protocol 2\n$");
        (await HandBench.End(bench.Start(null, "--version"))).Out.ShouldMatch("^yunpipe-agent [0-9.]+, protocol 2\n$");
    }

    [Fact]
    public async Task The_descriptor_is_given_as_json_that_reads_back()
    {
        using var bench = new HandBench(Rich);
        var said = await bench.Agent("--descriptor");
        using var document = JsonDocument.Parse(said.Out);
        document.RootElement.GetProperty("name").GetString().ShouldBe("nuclei-segment");
        Algorithms.AlgorithmReader.Read(said.Out, "descriptor.json", "").Ok.ShouldBeTrue();
    }

    [Theory]
    [InlineData(new[] { "exec" }, "<its><own>")]
    [InlineData(new[] { "exec", "a b", "--help" }, "<a b><--help>")]
    [InlineData(new[] { "exec", "--", "x" }, "<--><x>")]
    [InlineData(new[] { "--original" }, "<its><own>")]
    [InlineData(new[] { "--original", "--", "--version", "" }, "<--version><>")]
    public async Task The_image_s_own_entrypoint_and_command_run_untouched(string[] words, string said)
    {
        using var bench = new HandBench(entrypoint: ["/usr/bin/printf", "<%s>"], command: ["its", "own"]);
        (await bench.Agent(words)).Out.ShouldBe(said);
    }

    [Fact]
    public async Task Without_wrapping_and_through_exec_a_program_finds_the_same_world()
    {
        const string World = "echo $$; grep -E '^Sig(Blk|Ign)' /proc/self/status; ulimit -n; env | sort; ls -l /proc/self/fd | wc -l; exit 5";
        using var bench = new HandBench(entrypoint: ["/bin/sh", "-c"], command: [World]);
        foreach (var process in new[] { bench.Start(bench.Record, "exec"), bench.Start(null, "/bin/sh", "-c", World) })
        {
            var id = process.Id;
            var said = await HandBench.End(process);
            said.Exit.ShouldBe(5);
            said.Out.ShouldStartWith($"{id}\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
            said.Out.ShouldContain("LAB=imaging\n");
            said.Out.ShouldNotContain("YUNPIPE_");
        }
    }

    [Fact]
    public async Task Words_that_are_not_utf8_reach_the_image_s_own_program()
    {
        using var bench = new HandBench(entrypoint: ["/usr/bin/printf", "%s"]);
        var start = new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", $"{Published.Agent} exec \"$(printf '\\377\\376')\" | od -An -tx1"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Yunpipe.Images.WrappedImage.Variable] = bench.Record;
        (await HandBench.End(System.Diagnostics.Process.Start(start)!)).Out.ShouldBe(" ff fe\n");
    }

    [Theory]
    [InlineData("garbage", "yunpipe: YP2151: What the image says of itself (YUNPIPE_IMAGE) is not base64 of gzip. Wrap the image again, with this release.\n")]
    public async Task A_record_that_cannot_be_read_is_told(string record, string words)
    {
        using var bench = new HandBench();
        var said = await HandBench.End(bench.Start(record, "a.tif", "out"));
        said.Exit.ShouldBe(120);
        said.Error.ShouldBe(words);
    }

    [Fact]
    public async Task An_image_without_a_record_names_its_program_itself()
    {
        using var bench = new HandBench();
        (await HandBench.End(bench.Start(null, "/usr/bin/printf", "<%s>", "--help"))).Out.ShouldBe("<--help>");
        (await HandBench.End(bench.Start(null))).Exit.ShouldBe(120);
        (await HandBench.End(bench.Start(null, "no-such-program"))).Exit.ShouldBe(127);
    }
}
