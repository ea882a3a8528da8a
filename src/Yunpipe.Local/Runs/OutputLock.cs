using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Documents;
using Yunpipe.Local.Launchers;
using Yunpipe.Local.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.Runs;

/// <summary>Who runs on an output folder. Started is milliseconds since 1970, UTC.</summary>
public sealed record Holder(int Pid, string Host, long Started, string Command);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Holder))]
internal sealed partial class HolderJson : JsonSerializerContext;

/// <summary>One run at a time on an output folder, by an advisory lock that ends with its process. What a killed run left running is ended here.</summary>
public sealed class OutputLock : IDisposable
{
    /// <summary>Set in the environment of everything that a run starts: the output folder.</summary>
    public const string Mark = "YUNPIPE_STORE";

    private readonly FileStream _file;

    private OutputLock(FileStream file) => _file = file;

    /// <summary>The lock; or who holds it.</summary>
    public static (OutputLock? Lock, Holder? Holder) Take(StoreLayout layout, Holder self)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(layout.Lock)!);
        FileStream file;
        for (var tries = 0; ; tries++)
            try
            {
                file = new FileStream(layout.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                break;
            }
            catch (IOException error) when (error.HResult is 11 or 35 || IsSharing(error))
            {
                // Whoever has only just taken it has not said its name yet; whoever is about to end has wiped it out.
                // Of a holder killed while it started a command, the copy that was to become the command holds on for another moment.
                if (HolderNow(layout) is { } holder) return (null, holder);
                if (tries == 300) return (null, Read(layout) ?? new Holder(0, "another machine", 0, "?"));
                _ = Posix.Poll([], 10);
            }
        // A clean end empties the file: content means that the last holder was killed, perhaps with processes under it.
        if (file.Length > 0) LeftBehind.Kill($"{Mark}={layout.Root}");
        file.SetLength(0);
        JsonSerializer.Serialize(file, self, HolderJson.Default.Holder);
        file.Flush();
        return (new OutputLock(file), null);
    }

    /// <summary>Who took the folder last and has not given it back; null where nobody.</summary>
    public static Holder? Read(StoreLayout layout)
    {
        if (RawFile.Read(layout.Lock) is not { Length: > 0 } text) return null;
        try
        {
            return JsonSerializer.Deserialize(text, HolderJson.Default.Holder);
        }
        catch (JsonException)
        {
            return null; // It is being written.
        }
    }

    /// <summary>Who holds the folder now, without asking for the lock: a killed holder leaves its name, but no process.</summary>
    public static Holder? HolderNow(StoreLayout layout) =>
        Read(layout) is { } holder && (holder.Host != Environment.MachineName || Directory.Exists($"/proc/{holder.Pid.ToString(CultureInfo.InvariantCulture)}")) ? holder : null;

    public static Problem Held(StoreLayout layout, Holder holder) => new("YP3001",
        $"“{layout.Root}” is in use by process {holder.Pid.ToString(CultureInfo.InvariantCulture)} on {holder.Host}: {holder.Command}.", null, "Wait for it, or use another output folder.");

    public void Dispose()
    {
        _file.SetLength(0);
        _file.Dispose();
    }

    private static bool IsSharing(IOException error) => error.Message.Contains("being used by another process", StringComparison.Ordinal);
}
