using Yunpipe.EndToEnd.Faults;
using Yunpipe.Stores;

namespace Yunpipe.EndToEnd.Names;

public sealed class ProcessNameTests() : NameTests("process");

public sealed class DockerNameTests() : NameTests("docker");

public sealed class PodmanNameTests() : NameTests("podman");

/// <summary>A file name is data (design.md §3.5): right bytes under its own name, or one sentence, through every launcher.</summary>
public abstract class NameTests(string launcher)
{
    /// <summary>Stems; each file holds its own name.</summary>
    private static readonly string[] Stems =
    [
        "plain", "with space", " leading space", "trailing space ", "caf\u00e9 composed", "cafe\u0301 decomposed", "日本語", "עברית \u202e right to left", "🔬 microscope", "zero\u200bwidth", "no\u00a0break",
        "it's", "say \"cheese\"", "$(touch pwned)", "`touch pwned`", "; touch pwned", "| touch pwned", "& touch pwned", "${image}", "$image", "$$", "%s %n", "100%", "%2F", "%2e%2e%2f", "a+b", "#hash", "a=b",
        "-rf", "--help", "-", "@list", "~", "!bang", "star*", "question?", "[a-z]", "{x}", "back\\slash", "<tag>", "a:b", "a,b", "new\nline", "tab\there", "carriage\rreturn", "\u001b[31mred", "\u007fdelete",
        "CASE", "Case", "case", "a..b", "two  spaces", "CON", "nul\u2400", "deep/er/file", "deep/-x/$(id)/a b", "n=1/eq",
    ];

    private Workbench Make(IEnumerable<string> stems)
    {
        var bench = new Workbench();
        foreach (var stem in stems) bench.Put(stem + ".txt", stem);
        bench.Shell(launcher, "cat -- \"$1\" > \"$2\"");
        return bench;
    }

    [Fact]
    public async Task Every_name_comes_out_as_it_went_in_through_one_step_the_next_and_a_gather()
    {
        using var bench = Make(Stems);
        bench.Beside("gather.json", """
            {"name": "gather", "image": "yunpipe-test", "command": ["/bin/sh", "-c", "out=$$1; shift; cat -- \"$$@\" > \"$$out\"", "gather", "${out}/all.txt", "${images}"],
             "inputs": {"images": {"list": true}}, "outputs": {"all": "all.txt"}}
            """);
        bench.Beside("workflow.yaml", """
            input: ./in
            steps:
              - {name: one, algorithm: ./work.json}
              - {name: two, algorithm: ./work.json}
              - {name: all, algorithm: ./gather.json, gather: all}
            """);
        var run = await bench.Run();
        run.Exit.ShouldBe(0, run.Words);
        bench.View().Count.ShouldBe(2 * Stems.Length + 1);
        foreach (var stem in Stems)
        {
            bench.Viewed($"one/{stem}.out").ShouldBe(stem);
            bench.Viewed($"two/{stem}.out").ShouldBe(stem);
        }
        bench.Viewed("all/all.txt").ShouldBe(string.Concat(Stems.OrderBy(stem => stem + ".txt", StringComparer.Ordinal)));
        Directory.EnumerateFiles(bench.Root, "pwned", SearchOption.AllDirectories).ShouldBeEmpty();
        (await bench.Manifests()).Count.ShouldBe(2 * Stems.Length + 1);
        (await bench.Run()).Words.ShouldContain("all was done before");
    }

    [Fact]
    public async Task A_name_of_255_bytes_fits_and_one_whose_result_would_be_longer_is_a_sentence()
    {
        var (fits, umlauts) = (new string('x', 251), string.Concat(Enumerable.Repeat('ä', 125)) + "y");
        using var bench = Make([fits, umlauts, "short"]);
        var longer = new string('z', 253);
        File.WriteAllText(Path.Combine(bench.In, longer + ".t"), "too long");
        var run = await bench.Run();
        run.Exit.ShouldBe(3, run.Words);
        foreach (var stem in (string[])[fits, umlauts, "short"]) bench.Viewed($"work/{stem}.out").ShouldBe(stem);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        (failure.Key, failure.Cause).ShouldBe((longer + ".t", Cause.OutputName));
        failure.Sentence.ShouldBe($"The output “out” would be called “{longer}.out”, which has a name longer than 255 bytes.");
        failure.Attempts.ShouldHaveSingleItem().Use.ShouldBeNull("it must not run");
    }

    [Fact]
    public async Task Names_that_are_no_text_are_a_sentence_each_and_the_others_go_on()
    {
        using var bench = Make(["a", "b"]);
        RawNames.File(bench.In, [.. "broken"u8, 0xff, .. ".txt"u8]);
        RawNames.File(bench.In, [0xc3, .. ".txt"u8]);
        RawNames.Folder(bench.In, [.. "folder"u8, 0xfe], "inner.txt");
        var run = await bench.Run();
        RawNames.RemoveAll(bench.In);
        run.Exit.ShouldBe(3, run.Words);
        bench.View().Keys.ShouldBe(["work/a.out", "work/b.out"]);
        var sentences = (await bench.Failures()).Select(failure => failure.Sentence).Order(StringComparer.Ordinal).ToList();
        sentences.ShouldBe(["“broken\ufffd.txt” is not valid UTF-8.", "“folder\ufffd” is a folder that went away, or whose name is not valid UTF-8.", "“\ufffd.txt” is not valid UTF-8."]);
    }

    [Fact]
    public async Task Links_out_of_the_input_folder_are_followed_and_broken_or_circular_ones_told()
    {
        using var bench = Make(["a"]);
        var outside = Directory.CreateDirectory(Path.Combine(bench.Root, "else where/deep")).FullName;
        File.WriteAllText(Path.Combine(outside, "far.txt"), "far");
        File.CreateSymbolicLink(Path.Combine(bench.In, "file.txt"), Path.Combine(outside, "far.txt"));
        File.CreateSymbolicLink(Path.Combine(bench.In, "relative.txt"), "../else where/deep/far.txt");
        Directory.CreateSymbolicLink(Path.Combine(bench.In, "folder"), Path.Combine(bench.Root, "else where"));
        File.CreateSymbolicLink(Path.Combine(bench.In, "folder link.txt"), "folder/deep/far.txt");
        File.CreateSymbolicLink(Path.Combine(bench.In, "broken.txt"), Path.Combine(bench.Root, "nowhere"));
        File.CreateSymbolicLink(Path.Combine(bench.In, "self.txt"), "self.txt");
        // Circles of folders: up, and through each other.
        Directory.CreateSymbolicLink(Path.Combine(bench.In, "up"), bench.In);
        foreach (var (name, other) in (ReadOnlySpan<(string, string)>)[("left", "right"), ("right", "left")])
        {
            bench.Put($"{name}/{name}.txt", name);
            Directory.CreateSymbolicLink(Path.Combine(bench.In, name, "over"), $"../{other}");
        }
        var run = await bench.Run();
        run.Exit.ShouldBe(3, run.Words);
        bench.View().Keys.ShouldBe([
            "work/a.out", "work/file.out", "work/folder link.out", "work/folder/deep/far.out", "work/left/left.out", "work/left/over/right.out", "work/relative.out",
            "work/right/over/left.out", "work/right/right.out",
        ]);
        foreach (var path in (string[])["file", "relative", "folder link", "folder/deep/far"]) bench.Viewed($"work/{path}.out").ShouldBe("far");
        bench.Viewed("work/left/over/right.out").ShouldBe("right");
        (await bench.Failures()).Select(failure => failure.Sentence).Order(StringComparer.Ordinal)
            .ShouldBe(["“broken.txt” is a link that leads nowhere.", "“self.txt” is a link that leads nowhere."]);
    }

    [Fact]
    public async Task A_pipe_among_the_images_holds_nobody_up()
    {
        using var bench = Make(["a"]);
        RawNames.Pipe(Path.Combine(bench.In, "pipe.txt"));
        (await bench.Run()).Exit.ShouldBe(3);
        bench.View().Keys.ShouldBe(["work/a.out"]);
        (await bench.Failures()).ShouldHaveSingleItem().Sentence.ShouldBe("“pipe.txt” is a pipe, a socket or a device, not a file.");
    }

    [Theory]
    [InlineData("${meta.id}.out", "${step}/${path}", "The output “out” would be called “../../../../escaped.out”, which leads out of the job's folder.")]
    [InlineData("*.out", "${step}/${path}", "leads out of the job's folder.")]
    [InlineData("${stem}.out", "${meta.id}/${path}", "The result would stand at “../../../../escaped/b.out”, which has a part that is “.” or “..”.")]
    [InlineData("${stem}.out", "${meta.place}/${path}", "The result would stand at “_yunpipe/b.out”, among Yunpipe's own records.")]
    public async Task Metadata_cannot_lead_a_result_out_of_its_place(string output, string layout, string sentence)
    {
        using var bench = Make(["a", "b", "c"]);
        var target = output == "*.out" ? "${meta.id}.out" : output;
        bench.Shell(launcher, "cat -- \"$1\" > \"$2\"", target, $$$"""{"outputs": {"out": "{{{output}}}"}}""");
        bench.Beside("table.csv", "path,id,place\na.txt,a,x\nb.txt,../../../../escaped,_yunpipe\nc.txt,c,y\n");
        bench.Beside("workflow.yaml", $"input: {{location: ./in, table: ./table.csv}}\nsteps: [{{name: work, algorithm: ./work.json}}]\noutput: {{location: ./out, layout: '{layout}'}}\n");
        var run = await bench.Run();
        run.Exit.ShouldBe(3, run.Words);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        (failure.Key, failure.Cause).ShouldBe(("b.txt", Cause.OutputName));
        failure.Sentence.ShouldEndWith(sentence);
        bench.View().Count.ShouldBe(2);
        foreach (var root in (string[])[bench.Root, Path.GetTempPath()]) Directory.EnumerateFileSystemEntries(root, "escaped*").ShouldBeEmpty();
    }
}
