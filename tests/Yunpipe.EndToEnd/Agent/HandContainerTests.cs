using System.Diagnostics;
using Yunpipe.EndToEnd.Containers;
using Yunpipe.Images;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>docs/guide/by-hand.md in containers: the agent as the entrypoint and first process, the person's folder mounted.</summary>
public sealed class HandContainerTests
{
    private static readonly string[] Hard =
        ["--user", "12345:12345", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "32m", "--memory-swap", "32m"];

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task Results_of_a_container_s_root_belong_to_whoever_owns_the_folder(string engine)
    {
        using var bench = new HandBench().Put("cells.tif", "more/b.tif");
        Own(bench.Root, 12345);
        var said = await HandBench.End(Start(engine, bench, "yunpipe-test", [], "cells.tif", "more", "out/deep", "--sigma", "2"));
        said.Exit.ShouldBe(0, said.ToString());
        said.Out.ShouldBe("2 sobel\n2 sobel\n");
        bench.Files("out").ShouldBe(["deep/b/b_values.txt", "deep/b_outline.tif", "deep/cells/cells_values.txt", "deep/cells_outline.tif"]);
        foreach (var made in (string[])["out", "out/deep", "out/deep/b", "out/deep/cells_outline.tif", "out/deep/b/b_values.txt"])
            Posix.OwnerOf(Path.Combine(bench.Root, made)).ShouldBe((12345u, 12345u), made);
    }

    [Theory]
    [InlineData("docker", "yunpipe-test")]
    [InlineData("podman", "yunpipe-test")]
    [InlineData("docker", "yunpipe-test-debian11")]
    [InlineData("podman", "yunpipe-test-debian12")]
    public async Task Any_user_without_rights_may_run_it(string engine, string image)
    {
        using var bench = new HandBench().Put("cells.tif");
        Own(bench.Root, 12345);
        var said = await HandBench.End(Start(engine, bench, image, Hard, "cells.tif", "out", "--method", "canny", "--code", "0"));
        said.Exit.ShouldBe(0, said.ToString());
        bench.Read("out/cells_values.txt").ShouldBe("1.5 canny\n");
        (await HandBench.End(Start(engine, bench, image, Hard, "cells.tif", "out", "--code", "41"))).Exit.ShouldBe(41);
        (await HandBench.End(Start(engine, bench, image, Hard, "--help"))).Out.ShouldStartWith("outline 1.2.0\nDraws the outlines of cells.\n");
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task In_an_image_with_one_program_and_nothing_else_it_runs_too(string engine)
    {
        using var bench = new HandBench("{name: bare, command: [/bin/probe, \"${code}\"], variables: {code: {type: integer, default: 0}}, stdout: world.txt, outputs: world.txt}");
        Own(bench.Root, 12345);
        (await HandBench.End(Start(engine, bench, "yunpipe-test-bare", Hard, "out"))).Exit.ShouldBe(0);
        bench.Read("out/world.txt").ShouldBe("user 12345\nlab imaging\nlibrary musl\n");
        (await HandBench.End(Start(engine, bench, "yunpipe-test-bare", Hard, "out", "--code", "9"))).Exit.ShouldBe(9);
    }

    [Theory]
    [InlineData("docker", "TERM", 143)]
    [InlineData("podman", "TERM", 143)]
    [InlineData("docker", "INT", 130)]
    [InlineData("podman", "INT", 130)]
    public async Task A_signal_to_the_container_reaches_the_algorithm_and_ends_it_quickly(string engine, string signal, int code)
    {
        using var bench = new HandBench("{name: slow, command: [/bin/sh, -c, '(setsid sleep 1000 &); echo begun; exec sleep 1000']}");
        var name = $"yunpipe-e2e-{Guid.NewGuid():N}"[..24];
        using var process = Start(engine, bench, "yunpipe-test", ["--name", name], "out");
        (await process.StandardOutput.ReadLineAsync()).ShouldBe("begun");
        var clock = Stopwatch.StartNew();
        Engines.Ask(Engines.Find(engine), "kill", "--signal", signal, name);
        (await HandBench.End(process)).Exit.ShouldBe(code);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(9.5), "the grace is for those that do not listen");
        bench.Files("out").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task The_image_s_own_program_becomes_the_first_process(string engine)
    {
        using var bench = new HandBench(entrypoint: ["/bin/sh", "-c"], command: ["echo its own"]);
        (await HandBench.End(Start(engine, bench, "yunpipe-test", [], "exec"))).Out.ShouldBe("its own\n");
        var said = await HandBench.End(Start(engine, bench, "yunpipe-test", Hard, "--original", "--", "echo $$ $(pwd) $(env | grep -c YUNPIPE_); exit 6"));
        said.Out.ShouldBe("1 /data 0\n");
        said.Exit.ShouldBe(6);
    }

    private static Process Start(string engine, HandBench bench, string image, string[] options, params string[] words)
    {
        var found = Engines.Find(engine);
        string[] all =
        [
            "run", "--rm", "--pull=never", "--network", "none", "--volume", $"{Published.Agent}:{WrappedImage.Agent}:ro", "--volume", $"{bench.Root}:/data", "--workdir", "/data",
            "--env", $"{WrappedImage.Variable}={bench.Record}", "--entrypoint", WrappedImage.Agent, .. options, image, .. words,
        ];
        var start = new ProcessStartInfo(found.Executable, all) { RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start)!;
    }

    private static void Own(string folder, uint user)
    {
        Posix.GiveTo(folder, user, user).ShouldBeTrue();
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)) Posix.GiveTo(entry, user, user).ShouldBeTrue();
    }
}
