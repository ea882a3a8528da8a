using System.Text;

namespace Yunpipe.Agent;

/// <summary>Hears a process's output.</summary>
internal delegate void OutputSink(ReadOnlySpan<byte> output);

/// <summary>A process's output in bounded space: the file keeps the first <c>limit</c> bytes, memory the last 64 KiB, which the file gets at the end.
/// There is no file before there is output.</summary>
/// <param name="hears">Hears everything as it comes.</param>
internal sealed class JobLog(string path, long limit, OutputSink? hears = null) : IDisposable
{
    private const int TailSize = 64 << 10;
    private const int ReplyTail = 4 << 10;

    /// <summary>One ring for the agent's life; it runs one process at a time.</summary>
    private static readonly byte[] Ring = new byte[TailSize];
    private FileStream? _file;
    private long _kept;

    public long Bytes { get; private set; }

    public void Write(ReadOnlySpan<byte> output)
    {
        if (output.IsEmpty) return;
        hears?.Invoke(output);
        var head = (int)Math.Min(output.Length, Math.Max(0, limit - _kept));
        if (head > 0)
        {
            _file ??= new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1);
            _file.Write(output[..head]);
            _kept += head;
        }
        var last = output[^Math.Min(output.Length, TailSize)..];
        var at = (int)((Bytes + output.Length - last.Length) % TailSize);
        var first = Math.Min(last.Length, TailSize - at);
        last[..first].CopyTo(Ring.AsSpan(at));
        last[first..].CopyTo(Ring);
        Bytes += output.Length;
    }

    /// <summary>The last few kilobytes as text, from memory.</summary>
    public string Tail => Encoding.UTF8.GetString(Last((int)Math.Min(Bytes, ReplyTail)));

    /// <summary>Ends the log, and gives its tail.</summary>
    public string Finish()
    {
        var inTail = (int)Math.Min(Bytes, TailSize);
        if (Bytes > _kept && _file is not null)
        {
            var missing = (int)Math.Min(Bytes - _kept, inTail);
            if (Bytes - _kept > missing) _file.Write(Encoding.UTF8.GetBytes($"\n… {Bytes - _kept - missing} bytes left out …\n"));
            _file.Write(Last(missing));
        }
        return Tail;
    }

    /// <summary>The last bytes in one piece.</summary>
    private byte[] Last(int count)
    {
        var last = new byte[count];
        var at = (int)((Bytes - count) % TailSize);
        var first = Math.Min(count, TailSize - at);
        Ring.AsSpan(at, first).CopyTo(last);
        Ring.AsSpan(0, count - first).CopyTo(last.AsSpan(first));
        return last;
    }

    public void Dispose() => _file?.Dispose();
}
