using System.CommandLine;
using System.Text;
using NetVips;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Verbs;

/// <summary>Many thumbnails from one process, for a report: to start one takes longer than to make a small picture. Standard input names an image and
/// its picture, each ended by a zero byte; the answer is a line, <c>+</c> or <c>-</c>. An image that ends the process has no picture.</summary>
internal static class Thumbnails
{
    public static Command Create(Stream input)
    {
        var size = Arguments.Whole("--size", 256, 1, 16384, "The longer edge in pixels; smaller images are not enlarged.");
        var limit = Arguments.MaxPixels();
        var command = new Command("thumbnails", "Make the pictures that standard input names.") { size, limit };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var names = new BufferedStream(input);
            while (Name(names) is { } image && Name(names) is { } picture)
            {
                output.WriteLine(IsMade(image, picture, parsed.GetValue(size), parsed.GetValue(limit)) ? '+' : '-');
                output.Flush();
            }
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static bool IsMade(string image, string picture, int size, long limit)
    {
        try
        {
            Thumbnail.Make(image, picture, size, Stretch.Auto, new Page(0), limit);
            return true;
        }
        catch (Exception error) when (error is RefusedException or VipsException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Null at the end.</summary>
    private static string? Name(Stream names)
    {
        var bytes = new List<byte>();
        for (int next; (next = names.ReadByte()) != 0; bytes.Add((byte)next))
            if (next < 0) return null;
        return Encoding.UTF8.GetString([.. bytes]);
    }
}
