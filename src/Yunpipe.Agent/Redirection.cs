using Microsoft.Win32.SafeHandles;
using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>The files that a run wants in the place of its process's standard input, output and error.</summary>
internal sealed class Redirection : IDisposable
{
    private SafeFileHandle? _stdin, _stdout, _stderr;

    /// <summary>Null when all files are open; otherwise a sentence that says which is not.</summary>
    public string? Open(AgentRun run)
    {
        var at = run.Stdin;
        try
        {
            if (at is not null) _stdin = File.OpenHandle(at, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if ((at = run.Stdout) is not null) _stdout = File.OpenHandle(at, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
            if ((at = run.Stderr) is not null) _stderr = at == run.Stdout ? _stdout : File.OpenHandle(at, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"“{at}” could not be opened for the algorithm: {error.Message}";
        }
    }

    public int Stdin => Descriptor(_stdin, -1);

    public int Stdout(int log) => Descriptor(_stdout, log);

    public int Stderr(int log) => Descriptor(_stderr, log);

    public void Dispose()
    {
        _stdin?.Dispose();
        _stdout?.Dispose();
        _stderr?.Dispose();
    }

    private static int Descriptor(SafeFileHandle? file, int otherwise) => file is null ? otherwise : (int)file.DangerousGetHandle();
}
