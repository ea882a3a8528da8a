using System.Text;

namespace Yunpipe.Agent;

/// <summary>A process's output in bounded space: the file keeps the first <c>limit</c> bytes, memory the last 64 KiB, which the file gets at the end.
/// There is no file before there is output.</summary>
internal sealed class JobLog(string path, long limit) : IDisposable
{
    private const int TailSize = 64 << 10;
    private const int ReplyTail = 4 << 10;
    private FileStream? _file;
    private byte[] _tail = [];
    private long _kept;

    public long Bytes { get; private set; }

    public void Write(ReadOnlySpan<byte> output)
    {
        if (output.IsEmpty) return;
        var head = (int)Math.Min(output.Length, Math.Max(0, limit - _kept));
        if (head > 0)
        {
            _file ??= new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1);
            _file.Write(output[..head]);
            _kept += head;
        }
        if (_tail.Length == 0) _tail = new byte[TailSize];
        var last = output[^Math.Min(output.Length, TailSize)..];
        var at = (int)((Bytes + output.Length - last.Length) % TailSize);
        var first = Math.Min(last.Length, TailSize - at);
        last[..first].CopyTo(_tail.AsSpan(at));
        last[first..].CopyTo(_tail);
        Bytes += output.Length;
    }

    /// <summary>Ends the log, and gives its last few kilobytes as text.</summary>
    public string Finish()
    {
        var inTail = (int)Math.Min(Bytes, TailSize);
        var tail = new byte[inTail];
        for (var i = 0; i < inTail; i++) tail[i] = _tail[(int)((Bytes - inTail + i) % TailSize)];
        if (Bytes > _kept && _file is not null)
        {
            var missing = (int)Math.Min(Bytes - _kept, inTail);
            if (Bytes - _kept > missing) _file.Write(Encoding.UTF8.GetBytes($"\n… {Bytes - _kept - missing} bytes left out …\n"));
            _file.Write(tail.AsSpan(inTail - missing));
        }
        return Encoding.UTF8.GetString(tail.AsSpan(Math.Max(0, inTail - ReplyTail)));
    }

    public void Dispose() => _file?.Dispose();
}
