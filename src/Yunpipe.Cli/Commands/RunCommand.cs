using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe run</c>: a workflow over a folder of images; or one image and one command over it, without any file.</summary>
internal static class RunCommand
{
    public static Command Create(CliContext context)
    {
        var options = new RunOptionSet();
        var command = new Command("run", """
            Runs a workflow over a folder of images: whatever is not done yet. The same command again goes on where it was.
              Without any file, one command over every image: yunpipe run IMAGE -i DIR -o DIR -- program '${image}' '${out}/result.tif'
            """) { options.Workflow.Workflow, options.Command };
        foreach (var option in options.All) command.Options.Add(option);
        command.SetAction((parse, _) => Run(context, parse, options));
        return command;
    }

    private static async Task<int> Run(CliContext context, ParseResult parse, RunOptionSet options)
    {
        var read = Read(context, parse, options);
        if (read.Value is not { } file) return context.Terminal.Tell(read.Problems, parse.GetValue(GlobalOptions.Json));
        return await new WorkflowRun(context, file, parse, options).Execute();
    }

    private static Reading<WorkflowFile> Read(CliContext context, ParseResult parse, RunOptionSet options)
    {
        var (words, command) = CommandWords.Split(parse);
        if (words.Count > 1) return Wrong($"There is one workflow too many: {Wording.Quote(words[1])}.", "A command stands behind “--”.");
        var first = words.Count == 1 ? words[0] : null;
        if (first is not null && (File.Exists(first) || command.Count == 0 && LooksLikeFile(first)))
            return command.Count == 0 ? options.Workflow.Read(context, parse, FolderNeeds.Anywhere) : Wrong($"{Wording.Quote(first)} is a workflow file, and runs no other command.", "Leave out “--” and what follows it.");
        if (first is not null && command.Count == 0)
            return Wrong($"There is no workflow file {Wording.Quote(first)}.", "To run an image, say which command: yunpipe run IMAGE -i DIR -o DIR -- program '${image}' '${out}/result.tif'.");
        if (command.Count == 0) return Wrong("A workflow file is missing.", "See yunpipe run --help.");
        if (first is null && parse.GetValue(options.Launcher) is "docker" or "podman") return Wrong("To run in a container, name an image before “--”.", null);
        return AdHocRun(context, parse, options, first, command);
    }

    private static Reading<WorkflowFile> AdHocRun(CliContext context, ParseResult parse, RunOptionSet options, string? image, IReadOnlyList<string> command)
    {
        if (parse.GetValue(options.Workflow.Set) is { Length: > 0 }) return Wrong("--set gives variables of a workflow other values, and there is none.", null);
        var made = AdHoc.Of(image, command);
        if (made.Value is not { } adHoc) return new(null, made.Problems);
        var plan = adHoc.Plan();
        if (plan.Value is not { } planned) return new(null, plan.Problems);
        var file = WorkflowFile.With(planned, parse.GetValue(options.Workflow.Input), parse.GetValue(options.Workflow.Output), parse.GetValue(options.Workflow.State), FolderNeeds.Anywhere);
        if (file.Value is null) return file;
        foreach (var local in adHoc.LocalFiles)
            if (!parse.GetValue(GlobalOptions.Quiet)) context.Terminal.Error.WriteLine($"{Wording.Quote(Words.Path(local))} is a file here: it counts as part of the algorithm.");
        if (parse.GetValue(options.Save) is not { } folder) return file;
        if (adHoc.Save(folder, file.Value.Input!, file.Value.Output!) is { } problem) return new(null, [problem]);
        if (!parse.GetValue(GlobalOptions.Quiet)) context.Terminal.Error.WriteLine($"Saved: yunpipe run {Words.Argument(Path.Combine(folder, "workflow.yaml"))} does the same.");
        return file;
    }

    private static bool LooksLikeFile(string word) =>
        word.EndsWith(".yaml", StringComparison.Ordinal) || word.EndsWith(".yml", StringComparison.Ordinal) || word.EndsWith(".json", StringComparison.Ordinal) || Directory.Exists(word);

    private static Reading<WorkflowFile> Wrong(string message, string? advice) => new(null, [new Problem("YP5000", message, null, advice)]);
}
