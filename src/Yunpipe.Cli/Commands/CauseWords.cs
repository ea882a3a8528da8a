using System.Text.Json;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary>Causes of failures as records and people spell them: <c>out-of-memory</c>.</summary>
internal static class CauseWords
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<Cause>().Select(Of)];

    public static string Of(Cause cause) => JsonSerializer.Serialize(cause, RecordJson.Default.Cause).Trim('"');
}
