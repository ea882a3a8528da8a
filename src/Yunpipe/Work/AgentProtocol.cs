using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Yunpipe.Work;

/// <summary>What a worker and an agent say to each other: one JSON document a line, over the agent's stdin and stdout
/// (docs/spec/agent-protocol.md). A connection begins with one <see cref="AgentHello"/> each way.</summary>
public static class AgentProtocol
{
    /// <summary>The agent refuses a worker of another version, in words.</summary>
    public const int Version = 2;

    /// <summary>Longest line that either side takes, in bytes.</summary>
    public const int MaxLine = 64 << 20;
}

/// <summary>First line each way.</summary>
public sealed record AgentHello(int Protocol, string Release, int Pid);

/// <summary>A line from worker to agent: exactly one of the two is set.</summary>
public sealed record AgentRequest(AgentRun? Run = null, AgentStop? Stop = null);

/// <summary>Runs one process for 1..n jobs. Paths are as the agent sees them. What has a default is settable: generated JSON readers lose the default of
/// an <c>init</c> property that is not in the document.</summary>
public sealed record AgentRun
{
    public required string Attempt { get; init; }
    public required IReadOnlyList<string> Jobs { get; init; }
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The attempt's folder, which is the working directory.</summary>
    public required string Directory { get; init; }

    /// <summary>Added to the agent's own environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Where output goes, once there is any.</summary>
    public required string Log { get; init; }

    /// <summary>Most bytes that the log keeps: the first and the last halves.</summary>
    public long LogLimit { get; set; } = 8 << 20;

    /// <summary>Files in the place of standard input, output and error; null for nothing to read, and for the log.</summary>
    public string? Stdin { get; set; }
    public string? Stdout { get; set; }
    public string? Stderr { get; set; }

    /// <summary>Milliseconds; 0 is no limit.</summary>
    public long Timeout { get; set; }

    /// <summary>Milliseconds between TERM and KILL.</summary>
    public long Grace { get; set; } = 10_000;

    /// <summary>Symbolic links to make before and remove after: fixed places of inputs and outputs.</summary>
    public IReadOnlyList<AgentLink> Links { get; set; } = [];
}

public sealed record AgentLink(string At, string To);

/// <summary>Ends the running process and all that it started.</summary>
public sealed record AgentStop(string Attempt);

/// <summary>How a process ended, as the agent saw it. The algorithm's own exit code is never a code of ours (design.md §3.7).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EndCause>))]
public enum EndCause
{
    [JsonStringEnumMemberName("exited")] Exited,
    [JsonStringEnumMemberName("signalled")] Signalled,
    [JsonStringEnumMemberName("timedOut")] TimedOut,
    [JsonStringEnumMemberName("stopped")] Stopped,
    [JsonStringEnumMemberName("outOfMemory")] OutOfMemory,
    [JsonStringEnumMemberName("notStarted")] NotStarted,
    [JsonStringEnumMemberName("agentFailed")] AgentFailed,
    [JsonStringEnumMemberName("diskFull")] DiskFull,
    [JsonStringEnumMemberName("lost")] Lost,

    /// <summary>The image is not on this machine (any more) and could not be had. Never said by an agent.</summary>
    [JsonStringEnumMemberName("imagePull")] ImagePull,
}

/// <summary>What an attempt used. Times in milliseconds, memory and traffic in bytes; null where it could not be read.</summary>
/// <param name="Cpu">Of every process that was reaped, orphans too.</param>
/// <param name="PeakMemory">Largest resident size of any one process, in a container of all together; never below the agent's own size at its start, 4 to 10 MB, which the kernel counts to a process.</param>
public sealed record ResourceUse(double Wall, double Cpu, long PeakMemory, long? Read = null, long? Written = null);

/// <summary>The agent's answer to a run.</summary>
/// <param name="Exit">Exit code, or the signal's number where <paramref name="Cause"/> is signalled.</param>
/// <param name="Tail">The last few kilobytes of output.</param>
/// <param name="LogBytes">All output, also what the log could not keep.</param>
public sealed record AgentDone(string Attempt, EndCause Cause, int Exit, ResourceUse Use, string Tail, long LogBytes, string? Message = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentHello))]
[JsonSerializable(typeof(AgentRequest))]
[JsonSerializable(typeof(AgentDone))]
public sealed partial class AgentJson : JsonSerializerContext;

/// <summary>Reads and writes the lines of the protocol over raw descriptors, blocking. Not safe for two readers at once; writes may come from any thread.</summary>
public sealed class AgentLines(int input, int output)
{
    private readonly Lock _writing = new();
    private byte[] _buffer = new byte[16 << 10];
    private int _start, _end;

    public int Input => input;

    /// <summary>True where a whole line waits in memory, so that polling the descriptor would wait for nothing.</summary>
    public bool HasLine => _buffer.AsSpan(_start, _end - _start).Contains((byte)'\n');

    public void Write<T>(T message, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line)) JsonSerializer.Serialize(json, message, type);
        line.Write("\n"u8);
        lock (_writing) Posix.WriteAll(output, line.WrittenSpan);
    }

    /// <summary>The next line, or null at the end of the stream.</summary>
    public T? Read<T>(System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class
    {
        while (true)
        {
            var waiting = _buffer.AsSpan(_start, _end - _start);
            var newline = waiting.IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var message = JsonSerializer.Deserialize(waiting[..newline], type);
                _start += newline + 1;
                if (_start == _end) _start = _end = 0;
                return message;
            }
            if (!Fill()) return null;
        }
    }

    /// <summary>Waits for more bytes; false at the end of the stream.</summary>
    public bool Fill()
    {
        if (_end == _buffer.Length)
        {
            if (_start > 0) { _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer); _end -= _start; _start = 0; }
            else if (_buffer.Length >= AgentProtocol.MaxLine) throw new InvalidDataException("A line of the agent protocol is longer than 64 MiB.");
            else Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        var count = Posix.Read(input, _buffer.AsSpan(_end));
        if (count <= 0) return false;
        _end += count;
        return true;
    }
}
