using System.Text;

namespace Yunpipe.Documents;

/// <summary>Reads a YAML or JSON document into nodes with exact places. Every bound below is one clear problem, never an exception:
/// 10 MB, nesting of 100, a million nodes after aliases, UTF-8. With nothing worse than duplicate keys the value comes along with the problems,
/// so that the next reader can add its own.</summary>
public static class DocumentReader
{
    public const int MaxBytes = 10_000_000;
    public const int MaxDepth = 100;
    public const int MaxNodes = 1_000_000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file. Problems name it as <paramref name="shownAs"/>, or by its path.</summary>
    /// <param name="lenient">JSON may have comments and trailing commas: documents of other programs that allow them.</param>
    public static Reading<DocumentNode> ReadFile(string path, string? shownAs = null, bool lenient = false)
    {
        var name = shownAs ?? path;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            // One byte more than allowed tells “too large” also for what has no length, such as a device.
            using var content = new MemoryStream();
            var buffer = new byte[81920];
            int count;
            while (content.Length <= MaxBytes && (count = file.Read(buffer)) > 0) content.Write(buffer, 0, count);
            return Read(content.GetBuffer().AsSpan(0, (int)content.Length), name, lenient);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refuse(DocumentCodes.Unreadable, new Location(name), "There is no such file.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var directory = System.IO.Directory.Exists(path);
            return Refuse(DocumentCodes.Unreadable, new Location(name), directory ? "This is a folder, not a file." : $"The file cannot be read: {error.Message}");
        }
    }

    public static Reading<DocumentNode> Read(ReadOnlySpan<byte> bytes, string fileName, bool lenient = false)
    {
        var where = new Location(fileName);
        if (bytes.Length > MaxBytes) return TooLarge(where);
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            return Refuse(DocumentCodes.NotText, where, "The file is saved as UTF-16.", "Save it as UTF-8.");
        if (bytes is [0xEF, 0xBB, 0xBF, ..]) bytes = bytes[3..];
        try
        {
            return Read(Strict.GetString(bytes), fileName, lenient);
        }
        catch (DecoderFallbackException error)
        {
            var before = bytes[..Math.Min(error.Index, bytes.Length)];
            var line = before.Count((byte)'\n') + 1;
            var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
            return Refuse(DocumentCodes.NotText, new Location(fileName, line, column), "This byte is not UTF-8 text.", "Save the file as UTF-8.");
        }
    }

    /// <summary>Reads text: JSON where the name ends in <c>.json</c> or the text starts with a brace, otherwise YAML.</summary>
    public static Reading<DocumentNode> Read(string text, string fileName, bool lenient = false)
    {
        var where = new Location(fileName);
        if (text.Length > MaxBytes) return TooLarge(where);
        if (text.StartsWith('\uFEFF')) text = text[1..];
        if (string.IsNullOrWhiteSpace(text)) return Refuse(DocumentCodes.Empty, where, "The file is empty.");
        var problems = new ProblemList();
        var node = IsJson(text, fileName, lenient) ? JsonReader.Read(text, fileName, problems, lenient) : YamlReader.Read(text, fileName, problems);
        return new Reading<DocumentNode>(node, problems.Sorted());
    }

    private static bool IsJson(string text, string fileName, bool lenient)
    {
        if (fileName.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return true;
        if (fileName.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || fileName.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || fileName.EndsWith(".cwl", StringComparison.OrdinalIgnoreCase)) return false;
        return text.AsSpan().TrimStart().StartsWith("{") || lenient && text.AsSpan().TrimStart().StartsWith("/");
    }

    private static Reading<DocumentNode> TooLarge(Location where) =>
        Refuse(DocumentCodes.TooLarge, where, $"The file is larger than {MaxBytes / 1_000_000} MB.", "Is it the right file? Long tables belong into a CSV.");

    private static Reading<DocumentNode> Refuse(string code, Location where, string message, string? advice = null) =>
        new(null, [new Problem(code, message, where, advice)]);
}

/// <summary>Ends the reading of a document at the first thing after which nothing else can be told.</summary>
internal sealed class UnreadableDocument(Problem problem) : Exception
{
    public Problem Problem { get; } = problem;
}
