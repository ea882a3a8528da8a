using System.Text;
using Yunpipe.Work;

namespace Yunpipe.Tests.Work;

public sealed class SpawnTests
{
    /// <summary>Signals 32 and 33 are the C library's own, which it sets as it likes.</summary>
    private const ulong OfTheLibrary = 3UL << 31;

    [Fact]
    public void A_process_begins_with_no_signal_ignored_or_blocked_though_this_runtime_ignores_some()
    {
        // The runtime ignores SIGPIPE, the 13th.
        Mask(File.ReadAllText("/proc/self/status"), "SigIgn").ShouldNotBe(0UL);
        var status = Output("/bin/cat", ["cat", "/proc/self/status"], []);
        (Mask(status, "SigIgn") & ~OfTheLibrary).ShouldBe(0UL);
        Mask(status, "SigBlk").ShouldBe(0UL);
    }

    [Fact]
    public void Arguments_and_environment_arrive_byte_for_byte()
    {
        var wide = new string('ü', 10_000);
        Output("/usr/bin/env", ["env", "-0"], ["E=", "LONG=" + wide]).ShouldBe($"E=\0LONG={wide}\0");
        Output("/usr/bin/printf", ["printf", "%s|", "", "\n\té漢字𐍈", wide], []).ShouldBe($"|\n\té漢字𐍈|{wide}|");
    }

    private static ulong Mask(string status, string name) => Convert.ToUInt64(status.Split('\n').Single(line => line.StartsWith(name, StringComparison.Ordinal))[(name.Length + 1)..].Trim(), 16);

    private static string Output(string file, string[] words, string[] environment)
    {
        var (reader, writer) = Posix.Pipe();
        var (pid, error) = Spawn.Start(file, words, environment, null, -1, writer, writer);
        Posix.Close(writer);
        error.ShouldBe(0);
        var output = new MemoryStream();
        var buffer = new byte[4096];
        while (Posix.Read(reader, buffer) is > 0 and var count) output.Write(buffer, 0, count);
        Posix.Close(reader);
        _ = Posix.Wait(pid, hang: true);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
