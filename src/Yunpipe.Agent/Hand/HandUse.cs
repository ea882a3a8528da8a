using Yunpipe.Algorithms;
using Yunpipe.Images;
using Yunpipe.Work;

namespace Yunpipe.Agent.Hand;

/// <summary>A wrapped image in the hand of a person.
/// <code>
/// the image's record   first words          then
/// absent               any                  becomes them: the agent is as good as not there
/// there                exec …               becomes the image's own entrypoint and command, or … in place of the command
/// there                --original -- …      the same
/// there                --help, -h           what the algorithm does and takes
/// there                --version            its version, and the agent's
/// there                --descriptor         the descriptor as JSON
/// there                other                runs the algorithm
/// </code></summary>
internal static class HandUse
{
    /// <param name="wrapped">The image's record; null where it carries none.</param>
    /// <param name="environment">Without our own variables.</param>
    public static int Run(string? wrapped, string[] args, IReadOnlyDictionary<string, string> environment)
    {
        if (wrapped is null) return args.Length > 0 && !args[0].StartsWith('-')
            ? Original.Become([], [], args, 0, environment)
            : HandWords.Fail(ReservedExit.Usage, "This image carries no description of an algorithm: name a program that is to run in it.");
        var record = WrappedImage.Read(wrapped);
        if (record.Value is not { } image) return HandWords.Fail(record.Problems);
        switch (args)
        {
            case ["exec", ..]:
                return Original.Become(image.Entrypoint, image.Command, args, 1, environment);
            case ["--original", ..]:
                return Original.Become(image.Entrypoint, image.Command, args, args is [_, "--", ..] ? 2 : 1, environment);
        }
        // Behind “--” every word is a file; before it, a question is answered whatever else is written.
        foreach (var word in args.TakeWhile(word => word != "--"))
            switch (word)
            {
                case "--help" or "-h": return HandWords.Print(HandHelp.Of(image.Algorithm));
                case "--version": return HandWords.Print($"{Title(image.Algorithm)}\n{Release.Line}");
                case "--descriptor": return HandWords.Print(AlgorithmWriter.ToJson(image.Algorithm, indented: true) + "\n");
            }
        var arguments = HandArguments.Read(image.Algorithm, args);
        if (arguments.Value is null) return HandWords.Fail(arguments.Problems);
        var jobs = HandJobs.Find(image.Algorithm, arguments.Value, out var results);
        if (jobs.Value is null) return HandWords.Fail(jobs.Problems);
        return new HandRun(image.Algorithm, arguments.Value.Values, results, environment).Run(jobs.Value);
    }

    public static string Title(Algorithm algorithm) => algorithm.Version.Length > 0 ? $"{algorithm.Name} {algorithm.Version}" : algorithm.Name;
}
