using Microsoft.Win32.SafeHandles;
using Yunpipe.Images;
using Yunpipe.Images.Files;
using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.Local.Images;

/// <summary>An archive that streams into <c>docker load</c> or <c>podman load</c>. An archive that is cut off loads nothing, so giving up is to end the client.</summary>
internal sealed class EngineLoad : ArchiveOutput
{
    private const int MostWords = 64 << 10;

    private readonly ContainerEngine _engine;
    private readonly string _name;
    private readonly IProgress<CopyProgress>? _progress;
    private readonly TimeProvider _time;
    private readonly int _pid;
    private readonly FileStream _input;
    private readonly Task<string> _words;
    private bool _reaped;

    public EngineLoad(ContainerEngine engine, string name, IProgress<CopyProgress>? progress, TimeProvider time)
    {
        (_engine, _name, _progress, _time) = (engine, name, progress, time);
        var (inReader, inWriter) = Posix.Pipe();
        var (outReader, outWriter) = Posix.Pipe();
        var (pid, error) = Spawn.Start(engine.Executable, [engine.Executable, "load"], engine.Environment, null, inReader, outWriter, outWriter);
        Posix.Close(inReader);
        Posix.Close(outWriter);
        _input = new FileStream(new SafeFileHandle(inWriter, ownsHandle: true), FileAccess.Write, 1);
        _words = error == 0 ? Task.Run(() => Listen(outReader)) : Task.FromResult(Posix.ErrorText(error));
        if (error != 0) Posix.Close(outReader);
        (_pid, _reaped) = (pid, error != 0);
        if (error == 0) return;
        _input.Dispose();
        throw EngineImages.Failed(engine, $"load “{name}”", Posix.ErrorText(error));
    }

    public override Stream Stream => _input;

    public override async Task Commit(CancellationToken cancel)
    {
        await _input.DisposeAsync();
        // The engine has the whole archive, and unpacks it: how far it is only it knows.
        var exit = await Watched.Await(Task.Run(Reap, CancellationToken.None).WaitAsync(cancel), _progress, () => new CopyProgress($"loading into {_engine.Name}", 0, 0), _time);
        if (exit != 0) throw EngineImages.Failed(_engine, $"load “{_name}”", await _words);
    }

    /// <summary>A pipe that breaks says nothing; whoever read from it did.</summary>
    public override ImageException Explain(Exception error)
    {
        _input.Dispose();
        Reap();
        return EngineImages.Failed(_engine, $"load “{_name}”", _words.GetAwaiter().GetResult());
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_reaped)
        {
            Posix.Kill(-_pid, Posix.SigKill);
            await Task.Run(Reap);
        }
        await _input.DisposeAsync();
        await _words;
    }

    private int Reap()
    {
        var ended = Posix.Wait(_pid, hang: true);
        _reaped = true;
        return ended is { Exited: true } end ? end.ExitCode : -1;
    }

    private static string Listen(int fd)
    {
        try
        {
            var kept = new MemoryStream();
            var buffer = new byte[4096];
            int count;
            while ((count = Posix.Read(fd, buffer)) > 0)
                if (kept.Length < MostWords) kept.Write(buffer, 0, count);
            return System.Text.Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
        }
        finally
        {
            Posix.Close(fd);
        }
    }
}
