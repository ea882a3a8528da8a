using System.Text;
using Yunpipe.Work;

namespace Yunpipe.Agent.Hand;

/// <summary>What the image would run without wrapping: this process becomes it, so that nothing stands between it and who started the container.</summary>
internal static class Original
{
    /// <summary>Returns only where the program cannot be started, with the exit code that a shell gives for that.</summary>
    /// <param name="before">What stands before the words of the person: the image's entrypoint.</param>
    /// <param name="otherwise">What stands there where the person wrote nothing: the image's command.</param>
    /// <param name="skip">How many of the first words of the person are ours.</param>
    public static int Become(IReadOnlyList<string> before, IReadOnlyList<string> otherwise, IReadOnlyList<string> args, int skip, IReadOnlyDictionary<string, string> environment)
    {
        // As bytes: what a person wrote need not be UTF-8.
        var written = Raw("/proc/self/cmdline");
        written = written.Count > args.Count ? written[(written.Count - args.Count + skip)..] : [.. args.Skip(skip).Select(Encoding.UTF8.GetBytes)];
        List<byte[]> words = [.. before.Select(Encoding.UTF8.GetBytes), .. written];
        if (written.Count == 0) words.AddRange(otherwise.Select(Encoding.UTF8.GetBytes));
        if (words.Count == 0) return HandWords.Fail(ReservedExit.Usage, "The image has neither an entrypoint nor a command of its own: name a program, as in exec /bin/sh.");

        var program = Encoding.UTF8.GetString(words[0]);
        if (Spawn.Find(program, environment.GetValueOrDefault("PATH", SpawnWords.UsualPath).Split(':')) is not { } file)
            return HandWords.Fail(ReservedExit.NotFound, SpawnWords.NotFound(program));
        var variables = Raw("/proc/self/environ");
        var error = Spawn.Become(file, words, [.. variables.Where(entry => !OwnVariables.Hides(Encoding.UTF8.GetString(entry)))]);
        return HandWords.Fail(ReservedExit.NotStarted, SpawnWords.Of(file, ".", error));
    }

    /// <summary>The texts of a file that ends each with a zero byte.</summary>
    private static List<byte[]> Raw(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var texts = new List<byte[]>();
        for (var at = 0; at < bytes.Length;)
        {
            var end = Array.IndexOf(bytes, (byte)0, at);
            if (end < 0) end = bytes.Length;
            texts.Add(bytes[at..end]);
            at = end + 1;
        }
        return texts;
    }
}
