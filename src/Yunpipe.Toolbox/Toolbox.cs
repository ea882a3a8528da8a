using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using NetVips;
using Yunpipe.Toolbox.Verbs;

namespace Yunpipe.Toolbox;

/// <summary>The whole program behind <c>Main</c>: parses, runs one verb, and turns what went wrong into one sentence and one exit code.</summary>
internal static class Toolbox
{
    /// <param name="input">Standard input, for the one verb that reads it; null is an empty one.</param>
    public static int Run(string[] args, TextWriter output, TextWriter error, Stream? input = null)
    {
        try
        {
            // Arguments come from a runner: no @response files, no -abc for -a -b -c, so that a file name stays a file name.
            var parsed = Root(input ?? Stream.Null).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
                throw new RefusedException(ExitCode.Usage, Misunderstood(parsed));
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        }
        catch (RefusedException refused)
        {
            return Say(error, refused.Code, refused.Message);
        }
        catch (VipsException failed)
        {
            return Say(error, ExitCode.Failed, Vips.Cause(failed));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return Say(error, ExitCode.Failed, failed.Message);
        }
        catch (OutOfMemoryException)
        {
            return Say(error, ExitCode.Failed, "There is not enough memory for this image.");
        }
    }

    /// <summary>The first thing that is wrong with a command line, and what would be right.</summary>
    private static string Misunderstood(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var isRoot = command.Subcommands.Count > 0;
        var wrong = parsed.UnmatchedTokens.Count == 0 ? parsed.Errors[0].Message
            : parsed.UnmatchedTokens[0] is var word && isRoot ? $"There is no verb “{word}”."
            : word.StartsWith('-') ? $"There is no option “{word}”."
            : $"“{word}” stands alone; a file is named behind its option.";
        return $"{wrong} See yunpipe-toolbox {(isRoot ? "" : command.Name + " ")}--help.";
    }

    private static int Say(TextWriter error, ExitCode code, string sentence)
    {
        error.WriteLine("yunpipe-toolbox: " + sentence.ReplaceLineEndings(" "));
        return (int)code;
    }

    private static Command Root(Stream input)
    {
        var version = new Option<bool>("--version") { Description = "Show the version." };
        var root = new Command("yunpipe-toolbox", "Everyday operations on microscopy images, one per process.")
        {
            new HelpOption { Action = new HelpAction { MaxWidth = 110 } },
            version,
            Synth.Create(),
            Verbs.Convert.Create(),
            Thumbnail.Create(),
            Thumbnails.Create(input),
            Blur.Create(),
            Denoise.Create(),
            Background.Create(),
            Average.Create(),
            Correct.Create(),
            Threshold.Create(),
            Segment.Create(),
            Measure.Create(),
            Concat.Create(),
            Montage.Create(),
        };
        root.SetAction(parsed =>
        {
            if (!parsed.GetValue(version))
                throw new RefusedException(ExitCode.Usage, "Name a verb; yunpipe-toolbox --help lists them.");
            parsed.InvocationConfiguration.Output.WriteLine(
                typeof(Toolbox).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
            return (int)ExitCode.Ok;
        });
        return root;
    }
}
