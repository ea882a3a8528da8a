using Yunpipe.EndToEnd.Containers;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>One static agent in every image: C libraries old, new and other, and images that lack what programs take for granted.</summary>
public sealed class AgentImageTests
{
    private const string World = "echo user $(id -u); echo lab $LAB; echo library $(cat /proc/self/maps | grep -o 'libc[-.][0-9a-z.]*so[.0-9]*' | head -n 1)";

    /// <summary>The image, the program that tells its world and ends with a code behind it, and the library that it tells of.</summary>
    public static TheoryData<string, string, string[], string> Images()
    {
        (string Image, string[] Program, string Library)[] images =
        [
            ("yunpipe-test", ["/bin/sh", "-c", World + "; exit $0"], ""),
            ("yunpipe-test-debian11", ["/bin/sh", "-c", World + "; exit $0"], "libc-2.31.so"),
            ("yunpipe-test-debian12", ["/bin/sh", "-c", World + "; exit $0"], "libc.so.6"),
            ("yunpipe-test-musl", ["/bin/probe"], "musl"),
            ("yunpipe-test-nss", ["/bin/sh", "-c", "echo user 12345; echo lab $LAB; echo library; exit $0"], ""),
            ("yunpipe-test-bare", ["/bin/probe"], "musl"),
        ];
        var data = new TheoryData<string, string, string[], string>();
        foreach (var engine in (string[])["docker", "podman"])
            foreach (var (image, program, library) in images) data.Add(engine, image, program, library);
        return data;
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void The_agent_runs_the_image_s_own_programs(string engine, string image, string[] program, string library)
    {
        using var container = new ContainerTalk(engine, image);
        container.Agent.Hello.Pid.ShouldBe(1);
        foreach (var code in (int[])[0, 7, 255])
        {
            var done = container.Agent.Run(container.Agent.Command([.. program, $"{code}"]));
            done.Message.ShouldBeNull();
            (done.Cause, done.Exit).ShouldBe((EndCause.Exited, code), done.Tail);
            done.Tail.Split('\n', StringSplitOptions.TrimEntries).ShouldBe(["user 12345", $"lab {(image == "yunpipe-test" ? "" : "imaging")}".Trim(), $"library {library}".Trim(), ""]);
            done.Use.Wall.ShouldBeGreaterThan(0);
            File.ReadAllText(Path.Combine(container.Folder, "log")).ShouldStartWith("user 12345");
        }
        var missing = container.Agent.Run(container.Agent.Command("/no/such/program"));
        (missing.Cause, missing.Message).ShouldBe((EndCause.NotStarted, "The program “/no/such/program” was not found."));
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void A_name_service_module_that_ends_whoever_loads_it_is_not_loaded_by_the_agent(string engine)
    {
        using var container = new ContainerTalk(engine, "yunpipe-test-nss");
        // The image's own program falls into the trap, which shows that it is one.
        var fell = container.Agent.Run(container.Agent.Command("/bin/id", "-un"));
        fell.Cause.ShouldBe(EndCause.Signalled, fell.Tail);
        container.Agent.Run(container.Agent.Shell("exit 3")).Exit.ShouldBe(3);
    }

    [Fact]
    public void The_agent_comes_with_the_notice_of_the_library_that_it_is_linked_with()
    {
        var notices = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Published.Agent)!, Yunpipe.Images.Wrapping.AgentLayer.NoticesFile));
        notices.ShouldContain("GNU C Library");
        notices.ShouldContain("GNU LESSER GENERAL PUBLIC LICENSE");
        notices.ShouldContain("dotnet run build.cs -- publish");
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void The_musl_image_holds_no_other_c_library(string engine)
    {
        Published.Find("yunpipe-agent");
        using var scratch = new ScratchFolder();
        var found = Engines.Find(engine);
        var name = Engines.Ask(found, "create", "yunpipe-test-musl", "/bin/probe");
        try
        {
            Engines.Ask(found, "export", "--output", Path.Combine(scratch.Root, "all.tar"), name);
        }
        finally
        {
            Engines.Ask(found, "rm", name);
        }
        using var tar = new System.Formats.Tar.TarReader(File.OpenRead(Path.Combine(scratch.Root, "all.tar")));
        var files = new List<string>();
        while (tar.GetNextEntry() is { } entry)
            if (entry.EntryType is System.Formats.Tar.TarEntryType.RegularFile && entry.Length > 0) files.Add(entry.Name.TrimStart('.', '/'));
        files.Where(file => file.StartsWith("bin/", StringComparison.Ordinal) || file.Contains("lib", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .ShouldBe(["bin/probe", "lib/ld-musl-x86_64.so.1", "usr/lib/libprobe.so"]);
    }
}
