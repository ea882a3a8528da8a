using System.Diagnostics;
using Yunpipe.EndToEnd.Cli;
using Yunpipe.Images;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Wrapping;

/// <summary>An engine that takes as long as a test wants: a script by the name of docker, which saves and loads when it is let.</summary>
public sealed class SlowEngineTests : IDisposable
{
    private readonly CommandBench _bench = new();
    private readonly Dictionary<string, string> _environment;

    public SlowEngineTests()
    {
        _bench.Put("smooth.yaml", "name: smooth\nimage: docker-daemon:lab/x:1\ncommand: [/bin/sh, \"${image}\", \"${out}/${stem}.tif\"]\ninputs: [image]\noutputs: {smoothed: \"${stem}.tif\"}\n");
        // What it has written stands at a quarter until the rest may come; where whoever asked is gone, it goes too.
        _bench.Put("bin/docker", $$"""
            #!/bin/sh
            wait_for() { while kill -0 $PPID 2>/dev/null || exit 1; [ ! -e {{_bench.At("may")}}-$1 ]; do sleep 0.05; done; }
            case "$*" in
            info*) echo '{"ServerVersion": "20.10.1"}';;
            *Size*) echo 40000000;;
            image*) echo sha256:1;;
            save*) head -c 10000000 /dev/zero > "$3"; wait_for save; cp {{_bench.At("image.tar")}} "$3";;
            load*) cat > {{_bench.At("loaded.tar")}}; wait_for load;;
            esac
            """);
        File.SetUnixFileMode(_bench.At("bin/docker"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory(_bench.At("tmp"));
        _environment = new Dictionary<string, string> { ["PATH"] = $"{_bench.At("bin")}:/usr/bin:/bin", ["TMPDIR"] = _bench.At("tmp") };
    }

    public void Dispose() => _bench.Dispose();

    private async Task Image()
    {
        var memory = new MemoryPlace();
        new TestImage { Layers = [[TestFile.Program("bin/sh", "#!/bin/busybox\n"), TestFile.Program("bin/busybox", "#!/bin/busybox\n")]] }.PutInto(memory, "1");
        await using var archive = await ImagePlaces.Open($"docker-archive:{_bench.At("image.tar")}:lab/x:1", PlaceUse.Write, new ImagePlaceSettings { Environment = _environment }, CancellationToken.None);
        await ImageCopy.Run(memory, "1", archive.Place, archive.Tag, [], null, CancellationToken.None);
    }

    private void May(string what) => _bench.Put($"may-{what}", "");

    private string[] Temporary => [.. Directory.EnumerateFileSystemEntries(_bench.At("tmp"), "yunpipe-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task In_a_terminal_a_bar_shows_how_far_saving_is_and_that_the_engine_loads()
    {
        await Image();
        using var screen = new Screen(_bench, 110, 20, [.. _environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        screen.Type($"{_bench.Command} wrap smooth.yaml --to docker-daemon:lab/y:1; echo ended with $?");
        await screen.Shows("saving lab/x:1 from docker ███████░░░░░░░░░░░░░░░░░░░░░░░ 25 % of 38.1 MiB, ");
        May("save");
        await screen.Shows("loading into docker, ");
        screen.Text().ShouldNotContain("saving");
        May("load");
        await screen.Shows("ended with 0");
        screen.Text().ShouldNotContain("loading");
        screen.Text().ShouldContain("Wrapped as docker-daemon:lab/y:1 in");
        Temporary.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_nobody_looks_there_is_a_line_for_what_takes_long()
    {
        await Image();
        using var wrap = _bench.Start(_environment, "wrap", "smooth.yaml", "--to", "docker-daemon:lab/y:1");
        (await wrap.StandardError.ReadLineAsync())!.ShouldMatch("^saving lab/x:1 from docker: 25 % of 38.1 MiB, .*/s$");
        May("save");
        var next = await wrap.StandardError.ReadLineAsync();
        while (next!.StartsWith("saving", StringComparison.Ordinal)) next = await wrap.StandardError.ReadLineAsync();
        next.ShouldMatch("^loading into docker: [0-9]+ s$");
        May("load");
        (await CommandBench.End(wrap)).Exit.ShouldBe(0);
        using var silent = _bench.Start(_environment, "wrap", "smooth.yaml", "--to", "docker-daemon:lab/y:1", "--quiet");
        (await CommandBench.End(silent)).All.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_wrapping_leaves_that_was_killed_is_taken_away_by_the_next()
    {
        await Image();
        using (var wrap = _bench.Start(_environment, "wrap", "smooth.yaml", "--to", "oci:out:1"))
        {
            await CommandBench.Until(() => Temporary.Any(name => File.Exists(_bench.At($"tmp/{name}/image.tar"))), "Nothing was ever saved.");
            // While its owner lives it is nobody else's to take away.
            (await _bench.Yunpipe(_environment, "wrap", "smooth.yaml", "--image", $"docker-archive:{_bench.At("image.tar")}", "--to", "oci:other:1")).Exit.ShouldBe(0);
            Temporary.Length.ShouldBe(2);
            wrap.Kill();
            await wrap.WaitForExitAsync();
        }
        Temporary.Length.ShouldBe(2);
        Temporary[0].ShouldStartWith("yunpipe-saved-");
        (await _bench.Yunpipe(_environment, "wrap", "smooth.yaml", "--image", $"docker-archive:{_bench.At("image.tar")}", "--to", "oci:other:1")).Exit.ShouldBe(0);
        Temporary.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_interrupted_wrapping_leaves_nothing_itself()
    {
        await Image();
        using var wrap = _bench.Start(_environment, "wrap", "smooth.yaml", "--to", "oci:out:1");
        await CommandBench.Until(() => Temporary.Any(name => File.Exists(_bench.At($"tmp/{name}/image.tar"))), "Nothing was ever saved.");
        using (var kill = Process.Start("kill", ["-INT", $"{wrap.Id}"])) await kill.WaitForExitAsync();
        (await CommandBench.End(wrap)).Exit.ShouldBe(130);
        Temporary.ShouldBeEmpty();
        Directory.Exists(_bench.At("out")).ShouldBeFalse();
    }
}
