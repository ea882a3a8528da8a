using System.Diagnostics;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>Processes of this machine, by an argument that no other process has.</summary>
internal static class Processes
{
    /// <summary>How many <c>sleep ARGUMENT</c> there are.</summary>
    public static int Running(string argument)
    {
        using var pgrep = Process.Start(new ProcessStartInfo("pgrep", ["-cf", $"^sleep {argument}$"]) { RedirectStandardOutput = true })!;
        return int.Parse(pgrep.StandardOutput.ReadToEnd());
    }

    public static void Until(Func<bool> condition) => SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20)).ShouldBeTrue();
}
