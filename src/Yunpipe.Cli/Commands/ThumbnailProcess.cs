using System.Diagnostics;
using System.Text;

namespace Yunpipe.Cli.Commands;

/// <summary>A toolbox that makes one thumbnail after the other, as long as no image ends it.</summary>
internal sealed class ThumbnailProcess : IDisposable
{
    private readonly Process _process;

    private ThumbnailProcess(Process process) => _process = process;

    /// <summary>False once an answer was not waited for, or did not come.</summary>
    public bool IsAlive { get; private set; } = true;

    public static ThumbnailProcess Start(string toolbox, int edge, int mostPixels)
    {
        var start = new ProcessStartInfo(toolbox) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["thumbnails", $"--size={edge}", $"--max-pixels={mostPixels}"]) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        // Whatever it says is read, so that it never waits for a reader.
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        return new ThumbnailProcess(process);
    }

    /// <summary>True where the picture was made. A process that was not waited for is of no more use.</summary>
    public async Task<bool> Make(string image, string picture, CancellationToken cancel)
    {
        IsAlive = false;
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes($"{image}\0{picture}\0"), cancel);
            await _process.StandardInput.BaseStream.FlushAsync(cancel);
            var answer = await _process.StandardOutput.ReadLineAsync(cancel);
            IsAlive = answer is not null;
            return answer is "+";
        }
        catch (IOException)
        {
            return false; // It ended on an image that broke it.
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
