using System.IO.Compression;
using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using static Yunpipe.Documents.NodeBuilder;

namespace Yunpipe.Images;

/// <summary>What a wrapped image tells its agent (docs/spec/wrapped-image.md). A container cannot read its image's labels, so this stands in one
/// variable of the image's environment, as text that no engine changes: base64 of gzip of a JSON document.</summary>
/// <param name="Algorithm">The descriptor. It names no image: the image that carries it is the one that is meant.</param>
/// <param name="Entrypoint">The image's own, which the agent replaces; empty where it has none.</param>
/// <param name="Command">The image's own.</param>
public sealed record WrappedImage(Algorithm Algorithm, IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Command)
{
    /// <summary>The variable. The agent hides it, as all that begin with <c>YUNPIPE_</c>, from what it starts.</summary>
    public const string Variable = "YUNPIPE_IMAGE";

    /// <summary>The folder of the layer, and the agent in it.</summary>
    public const string Folder = "/opt/yunpipe", Agent = Folder + "/agent";

    /// <summary>Bytes of the variable's value. The kernel takes 128 KiB for one string of the environment, its name included.</summary>
    public const int MostText = 96 << 10;

    private const int Format = 1;

    /// <summary>The variable's value; a problem where the descriptor is too large for it.</summary>
    public Reading<string> ToText()
    {
        var document = new NodeBuilder()
            .Add("format", Number(Format))
            .Add("algorithm", AlgorithmWriter.ToNode(Algorithm))
            .Add("entrypoint", Texts(Entrypoint))
            .Add("cmd", Texts(Command))
            .Build();
        var text = Pack(Encoding.UTF8.GetBytes(DocumentWriter.ToJson(document)));
        return text.Length <= MostText ? new(text, []) : new(null, [new Problem(WrapCodes.EnvironmentTooLarge,
            $"The descriptor of {Wording.Quote(Algorithm.Name)} is too large to travel in an image: {new ByteSize(text.Length)}, compressed, of {new ByteSize(MostText)}.",
            Algorithm.Source.File is null ? null : Algorithm.Source, "Shorten its prose and its lists of values.")]);
    }

    /// <summary>Reads the variable's value, with what is wrong with it.</summary>
    /// <param name="name">What problems call its source.</param>
    public static Reading<WrappedImage> Read(string text, string name = Variable)
    {
        var problems = new ProblemList();
        if (Unpack(text, DocumentReader.MaxBytes) is not { } bytes) return Not(name, "is not base64 of gzip");
        // The name of the reader says JSON: what was packed is never YAML, and the agent brings no parser for it.
        if (JsonReader.Read(Encoding.UTF8.GetString(bytes), name, problems) is not { } document) return problems.ToReading<WrappedImage>(null);
        var fields = Fields.Of(document, "a wrapped image", problems);
        if (fields.Integer("format", 0) is var format && format != Format) return Not(name, $"has format {format}, and this release reads format {Format}");
        if (fields.Required("algorithm") is not { } node) return problems.ToReading<WrappedImage>(null);
        var algorithm = AlgorithmReader.Read(node, name, "");
        problems.AddRange(algorithm.Problems);
        var (entrypoint, command) = (fields.Texts("entrypoint"), fields.Texts("cmd"));
        return problems.ToReading(algorithm.Value is { } read ? new WrappedImage(read, entrypoint, command) : null);
    }

    /// <summary>Base64 of gzip: how bytes travel where an image holds text.</summary>
    internal static string Pack(ReadOnlySpan<byte> bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(bytes);
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }

    /// <summary>Null for what is not packed, and for more than the given number of bytes.</summary>
    internal static byte[]? Unpack(string text, int most)
    {
        var packed = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, packed, out var length)) return null;
        try
        {
            using var gzip = new GZipStream(new MemoryStream(packed, 0, length), CompressionMode.Decompress);
            using var bytes = new MemoryStream();
            var buffer = new byte[16 << 10];
            while (gzip.Read(buffer) is > 0 and var count)
            {
                if (bytes.Length + count > most) return null;
                bytes.Write(buffer, 0, count);
            }
            return bytes.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static Reading<WrappedImage> Not(string name, string flaw) => new(null, [new Problem(WrapCodes.UnreadableWrapping,
        $"What the image says of itself ({name}) {flaw}.", null, "Wrap the image again, with this release.")]);
}
