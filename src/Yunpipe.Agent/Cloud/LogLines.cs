using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Yunpipe.Work;

namespace Yunpipe.Agent.Cloud;

/// <summary>The worker's log: one JSON document a line. Nobody waits for it: what a slow reader does not take is dropped, and counted.</summary>
internal sealed class LogLines : IDisposable
{
    private const int Most = 4096;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly Channel<byte[]> _lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Most) { SingleReader = true });
    private readonly TimeProvider _time;
    private readonly Thread _writer;
    private readonly int _output;
    private long _dropped;

    /// <param name="output">A descriptor, which may block.</param>
    public LogLines(int output, TimeProvider time)
    {
        (_output, _time) = (output, time);
        _writer = new Thread(Write) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    public void Tell(Action<Utf8JsonWriter> fields)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("time", _time.GetUtcNow().UtcDateTime);
            fields(json);
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        if (!_lines.Writer.TryWrite(line.WrittenSpan.ToArray())) Interlocked.Increment(ref _dropped);
    }

    public void Tell(string level, string text, string? job = null) => Tell(json =>
    {
        json.WriteString("level", level);
        if (job is not null) json.WriteString("job", job);
        json.WriteString("text", text);
    });

    /// <summary>Waits a moment for what was told last.</summary>
    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writer.Join(LastWords);
    }

    private void Write()
    {
        try
        {
            while (_lines.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                while (_lines.Reader.TryRead(out var line))
                {
                    if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                        Posix.WriteAll(_output, Encoding.UTF8.GetBytes($"{{\"level\":\"warning\",\"text\":\"{dropped} lines were left out here, since nobody took them in time.\",\"dropped\":{dropped}}}\n"));
                    Posix.WriteAll(_output, line);
                }
        }
        catch (IOException)
        {
            // Nobody reads any more. The work does not depend on it.
            _lines.Writer.TryComplete();
        }
    }
}
