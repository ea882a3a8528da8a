using System.CommandLine;

namespace Yunpipe.Cli.Commands;

/// <summary>The command tree.</summary>
internal static class Root
{
    public static RootCommand Create(CliContext context)
    {
        var root = new RootCommand("Runs workflows of image algorithms over folders of images, on this machine or in the cloud.")
        {
            RunCommand.Create(context),
        };
        return root;
    }
}
