using System.Diagnostics;

namespace Yunpipe.EndToEnd.Samples;

/// <summary>A published command, run as a person would.</summary>
internal sealed record Shell(int Exit, string Output, string Errors)
{
    public static Shell Run(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Published.Find(program), arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Shell(process.ExitCode, output, errors.Result);
    }

    /// <summary>The same, which must succeed.</summary>
    public static string Do(string program, string folder, params string[] arguments)
    {
        var ended = Run(program, folder, arguments);
        ended.Exit.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{ended.Output}\n{ended.Errors}");
        return ended.Output;
    }
}
