using System.Formats.Tar;
using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Images;
using Yunpipe.Images.Checks;

namespace Yunpipe.Tests;

/// <summary>What is said before any job.</summary>
public sealed class ImageCheckTests
{
    private const string Loader = "/lib64/ld-linux-x86-64.so.2";

    private static readonly TestFile[] System =
    [
        TestFile.Folder("usr"), TestFile.Folder("usr/bin"), new("bin", Link: "usr/bin"), Elf("usr/bin/python3.11", Loader), new("usr/bin/python3", Link: "python3.11"), new("usr/bin/python", Link: "/usr/bin/python3"),
        new("lib64/ld-linux-x86-64.so.2", "loader", 493), Elf("usr/bin/env", Loader), new("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n"), new("etc/group", "root:x:0:\nlab:x:50:me\n"),
        TestFile.Folder("home/me", 493, 1000), TestFile.Folder("work", 493),
    ];

    private static TestFile Elf(string name, string? loader, int machine = 62, int mode = 493)
    {
        var bytes = new byte[256];
        "\u007fELF"u8.CopyTo(bytes);
        (bytes[4], bytes[5], bytes[18], bytes[32], bytes[54], bytes[56]) = (2, 1, (byte)machine, 64, 56, 1);
        if (loader is null) bytes[64] = 1;
        else
        {
            (bytes[64], bytes[72], bytes[96]) = (3, 128, (byte)(loader.Length + 1));
            Encoding.ASCII.GetBytes(loader).CopyTo(bytes, 128);
        }
        return new TestFile(name, "", mode, Bytes: bytes);
    }

    private static Algorithm Calling(string program) => AlgorithmReader.Read($$"""
        name: test
        command: ["{{program}}", "${image}", "${out}/x"]
        inputs: [image]
        outputs: x
        """, "test.yaml", "").OrThrow();

    private static async Task<IReadOnlyList<ImageFinding>> Deep(string program, string run, params IReadOnlyList<TestFile>[] layers)
    {
        var place = new MemoryPlace();
        var manifest = ImageManifest.Read(new TestImage { Run = run, Layers = layers }.PutInto(place, "1"), "test");
        return await ImageCheck.Deep(place, Calling(program), manifest, await WrapBench.Config(place, "1"), null, CancellationToken.None);
    }

    [Fact]
    public async Task From_manifest_and_configuration_there_is_a_sentence_for_everything()
    {
        var place = new MemoryPlace();
        var manifest = ImageManifest.Read(new TestImage { Run = """{"Entrypoint":["/tini","--"],"User":"me"}""" }.PutInto(place, "1"), "test");
        Check("quick", ImageCheck.Quick(Calling("python"), manifest, await WrapBench.Config(place, "1")));
    }

    [Fact]
    public async Task From_the_layers_everything_is_known() => Check("deep", await Deep("python", """{"User":"me","WorkingDir":"/home/me"}""", System, [new TestFile("app/x", "")]));

    [Fact]
    public async Task Everything_that_keeps_a_program_from_running_is_told()
    {
        var script = TestFile.Program("app/run", "#!/usr/bin/env Rscript\n");
        (string Program, string Run, IReadOnlyList<TestFile>[] Layers)[] cases =
        [
            ("pyhton", "{}", [System]),
            ("bin/run", "{}", [System]),
            ("/app/run", "{}", [System]),
            ("/app/run", "{}", [System, [script]]),
            ("/app/run", "{}", [System, [TestFile.Program("app/run", "#!/usr/bin/ruby -w\n")]]),
            ("/app/run", "{}", [System, [TestFile.Program("app/run", "#!/usr/bin/env python\r\n")]]),
            ("/app/run", "{}", [System, [TestFile.Program("app/run", "print(1)\n")]]),
            ("/app/run", "{}", [System, [new TestFile("app/run", "#!/bin/sh\n", 420)]]),
            ("/app/run", """{"User":"me"}""", [System, [new TestFile("app/run", "#!/usr/bin/env python\n", 448)]]),
            ("/app", "{}", [System, [TestFile.Folder("app")]]),
            ("/app/run", "{}", [System, [Elf("app/run", "/lib/ld-musl-x86_64.so.1")]]),
            ("/app/run", "{}", [System, [Elf("app/run", "/lib/ld-linux.so.9")]]),
            ("/app/run", "{}", [System, [Elf("app/run", null, 183)]]),
            ("python", "{}", [System, [new TestFile("usr/bin/.wh.python3", "")]]),
            ("python", "{}", [System, [new TestFile("usr/bin/.wh..wh..opq", ""), TestFile.Program("usr/bin/other", "#!/bin/sh\n")]]),
            ("python", """{"Env":["PATH=/opt/conda/bin"]}""", [System]),
            ("python", """{"User":"nobody"}""", [System]),
        ];
        var text = new StringBuilder();
        foreach (var (program, run, layers) in cases)
            foreach (var finding in (await Deep(program, run, layers)).Where(finding => finding.Kind == FindingKind.Bad)) text.Append(finding.Code).Append(": ").Append(finding).Append('\n');
        text.ToString().Count(c => c == '\n').ShouldBe(cases.Length);
        Golden.Check("images/check-bad.txt", text.ToString());
    }

    [Fact]
    public async Task What_runs_is_not_doubted()
    {
        (string Program, string Run, IReadOnlyList<TestFile>[] Layers)[] cases =
        [
            ("/app/run", "{}", [System, [Elf("app/run", null)]]),
            ("/app/run", "{}", [System, [TestFile.Program("app/run", "#!/usr/bin/env -S python -u\n")]]),
            ("/app/run", """{"User":"1000:50"}""", [System, [new TestFile("app/run", "#!/usr/bin/python\n", 504, User: 50)]]),
            ("python", "{}", [System, [new TestFile("usr/bin/.wh..wh..opq", "")], System]),
            ("python", """{"User":"12345"}""", [System]),
        ];
        foreach (var (program, run, layers) in cases) (await Deep(program, run, layers)).Where(finding => finding.Topic != "user").ShouldAllBe(finding => finding.Kind == FindingKind.Good);
    }

    [Fact]
    public async Task A_user_who_cannot_write_the_working_directory_is_told()
    {
        var finding = (await Deep("python", """{"User":"me","WorkingDir":"/work"}""", System)).Single(finding => finding.Topic == "user");
        (finding.Kind, finding.Says).ShouldBe((FindingKind.Advice, "By hand and in the cloud it runs as “me”; here as whoever starts the run. That user may not write in the image's working directory “/work”."));
    }

    [Fact]
    public async Task Zstd_is_said_not_to_be_looked_into()
    {
        var place = new MemoryPlace();
        var manifest = ImageManifest.Read(new TestImage().PutInto(place, "1"), "test");
        manifest = manifest.WithLayers(manifest.Layers.Select(layer => layer with { MediaType = MediaTypes.LayerZstd }));
        (await ImageCheck.Deep(place, Calling("python"), manifest, await WrapBench.Config(place, "1"), null, default)).Single(finding => finding.Topic == "executable")
            .ShouldSatisfyAllConditions(finding => finding.Kind.ShouldBe(FindingKind.Unknown), finding => finding.Says.ShouldContain("zstd"));
    }

    [Theory]
    [InlineData("a/../../etc/passwd", "YP2122")]
    [InlineData("../x", "YP2122")]
    public async Task A_name_that_leads_out_of_the_image_is_refused(string name, string code) =>
        (await Should.ThrowAsync<ImageException>(() => Deep("python", "{}", [new TestFile(name, "")]))).Problem.Code.ShouldBe(code);

    [Fact]
    public async Task A_layer_that_is_no_tar_is_told()
    {
        var place = new MemoryPlace();
        var manifest = ImageManifest.Read(new TestImage().PutInto(place, "1"), "test");
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        manifest = manifest.WithLayers([place.Put(MediaTypes.LayerGzip, noise), place.Put(MediaTypes.Layer, noise)]);
        (await Should.ThrowAsync<ImageException>(() => ImageCheck.Deep(place, Calling("python"), manifest, manifestConfig(), null, default))).Problem.Code.ShouldBe("YP2135");

        ImageConfig manifestConfig() => WrapBench.Config(place, "1").GetAwaiter().GetResult();
    }

    [Fact]
    public void A_circle_of_links_ends()
    {
        var files = new ImageFiles();
        files.Add([("a", Link("b")), ("b", Link("a")), ("c", Link("../../../c/d"))]);
        files.Find("/a").ShouldBeNull();
        files.Find("/c").ShouldBeNull();

        static ImageFile Link(string to) => new(TarEntryType.SymbolicLink, default, 0, 0, to, default);
    }

    private static void Check(string golden, IReadOnlyList<ImageFinding> findings) =>
        Golden.Check($"images/check-{golden}.txt", string.Join('\n', findings.Select(finding => $"{finding.Topic,-14} {finding.Kind,-8} {finding}")) + "\n");
}
