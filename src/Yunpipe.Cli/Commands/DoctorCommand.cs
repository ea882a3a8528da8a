using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Deploying;
using Yunpipe.Cli.Images;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe doctor</c>: whether deploying would go well, before anything is made or costs.</summary>
internal static class DoctorCommand
{
    public static Command Create(CliContext context)
    {
        var workflow = new Argument<string?>("workflow") { Description = "A workflow file; without one, only account and permissions are looked at.", HelpName = "WORKFLOW", Arity = ArgumentArity.ZeroOrOne };
        var options = new DeployOptions();
        var registry = new RegistryOptions();
        var command = new Command("doctor", """
            Looks whether deploying would go well, and makes nothing: credentials, permissions, buckets, images, network.
              It takes the options of deploy. Each line says that something is well, or what to do.
            """) { workflow };
        foreach (var option in (Option[])[.. options.Looking, .. registry.All]) command.Options.Add(option);
        command.SetAction(async (parse, _) =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var read = options.Read(context, parse, parse.GetValue(workflow) ?? "", registry.Read(context, parse));
            if (read.Value is not { } asked) return context.Terminal.Tell(read.Problems, json);
            return await CloudErrors.Tell(context, json, () => new DoctorRun(context, asked, json).Execute(context.Interrupts.Finish));
        });
        return command;
    }
}
