using System.CommandLine;
using System.Diagnostics;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Scripts;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Launchers;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm new</c>: a descriptor and a Dockerfile out of a script's own command line; with an engine, an image that is wrapped.</summary>
internal static class AlgorithmNewCommand
{
    public static Command Create(CliContext context)
    {
        var script = new Argument<string>("script") { Description = "A Python script with argparse, or an R script with optparse or argparse.", HelpName = "SCRIPT" };
        var requirements = new Option<string?>("--requirements") { Description = "A file beside the script that lists the packages it needs, for the Dockerfile.", HelpName = "FILE" };
        var input = new Option<string?>("--input", "-i") { Description = "The argument that takes the image. [by its name]", HelpName = "NAME" };
        var result = new Option<string?>("--result") { Description = "The argument that takes the place of the result. [by its name]", HelpName = "NAME" };
        var build = new Option<bool>("--build") { Description = "Build the image and wrap it, without asking." };
        var engine = new Option<string?>("--engine") { Description = "What builds: docker or podman. [what answers]", HelpName = "NAME" };
        engine.AcceptOnlyFromAmong([.. ContainerEngine.Names]);
        var force = new Option<bool>("--force") { Description = "Write over what is there." };
        var command = new Command("new", "Makes an algorithm of a script: a descriptor with its variables, and a Dockerfile.") { script, requirements, input, result, build, engine, force };
        command.SetAction(async (parse, _) =>
        {
            var path = parse.GetRequiredValue(script);
            var read = ScriptReader.Read(path, parse.GetValue(input), parse.GetValue(result));
            if (read.Value is not { } made) return context.Terminal.Tell(read.Problems, parse.GetValue(GlobalOptions.Json));
            return await new NewAlgorithm(context, parse.GetValue(GlobalOptions.Json), parse.GetValue(GlobalOptions.Quiet), made, path, parse.GetValue(requirements))
                .Execute(parse.GetValue(force), parse.GetValue(build), parse.GetValue(engine));
        });
        return command;
    }
}

/// <summary>Writes the files of a new algorithm beside its script, and builds and wraps its image where that is wanted.</summary>
internal sealed class NewAlgorithm(CliContext context, bool json, bool quiet, ScriptAlgorithm made, string script, string? requirements)
{
    private readonly Terminal _terminal = context.Terminal;
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(script))!;

    public async Task<int> Execute(bool force, bool build, string? engine)
    {
        var name = made.Algorithm.Name;
        if (requirements is not null && (!File.Exists(requirements) || Path.GetDirectoryName(Path.GetFullPath(requirements)) != _folder))
            return _terminal.Tell([new Problem("YP5033", $"{Wording.Quote(requirements)} is not a file beside the script.", null, "A Dockerfile takes files from its own folder only.")], json);
        var files = new List<(string Name, string Text)>
        {
            ($"{name}.yaml", AlgorithmWriter.ToYaml(made.Algorithm)),
            ("Dockerfile", ScriptImage.Dockerfile(Path.GetFileName(script), requirements is null ? null : Path.GetFileName(requirements))),
        };
        var standing = files.Where(file => !force && File.Exists(Path.Combine(_folder, file.Name)) && File.ReadAllText(Path.Combine(_folder, file.Name)) != file.Text).ToList();
        if (standing.Count > 0)
            return _terminal.Tell([.. standing.Select(file => new Problem("YP5004", $"{Wording.Quote(Path.Combine(_folder, file.Name))} is there already, and says something else.", null, "Take it away, or say --force."))], json);
        foreach (var file in files)
            if (WrittenFile.Write(Path.Combine(_folder, file.Name), file.Text) is { } problem) return _terminal.Tell([problem], json);
        if (!quiet) foreach (var note in made.Told) _terminal.Error.WriteLine(note.ToString());
        if (json) _terminal.Json(new NewAlgorithmDocument(name, [.. files.Select(file => Path.Combine(_folder, file.Name))]), VerbsJson.Default.NewAlgorithmDocument);
        else if (!quiet) foreach (var file in files) _terminal.Out.WriteLine($"Written: {Words.Path(Path.Combine(_folder, file.Name))}");
        var found = build || _terminal.CanAsk ? Engine(engine) : null;
        if (build && found is null) return _terminal.Tell([new Problem("YP4113", "No container engine answers, so that nothing can be built.", null, "Install docker or podman; the descriptor runs without an image too.")], json);
        if (found is null || !build && !_terminal.Agree($"Build the image “{name}” with {found} and wrap it?")) return ExitCode.AllDone;
        return await Build(found, name);
    }

    private string? Engine(string? asked) => (asked is null ? ContainerEngine.Names : [asked]).FirstOrDefault(name => ContainerEngine.Probe(name, context.Environment, LauncherFinder.Patience, CancellationToken.None).Ok);

    private async Task<int> Build(string engine, string name)
    {
        var image = $"{name.ToLowerInvariant()}:latest";
        // What the engine says of its progress goes where progress goes.
        using var process = Process.Start(new ProcessStartInfo(engine, ["build", "--tag", image, _folder]) { RedirectStandardOutput = true })!;
        for (string? line; (line = await process.StandardOutput.ReadLineAsync()) is not null;)
            if (!quiet) await _terminal.Error.WriteLineAsync(line);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) return _terminal.Tell([new Problem("YP4109", $"{engine} could not build the image: see its words above.", null, $"The same by hand: {engine} build --tag {image} {Words.Argument(_folder)}")], json);
        var descriptor = Path.Combine(_folder, $"{name}-image.yaml");
        if (WrittenFile.Write(descriptor, AlgorithmWriter.ToYaml(ScriptImage.Inside(made.Algorithm, image))) is { } problem) return _terminal.Tell([problem], json);
        var place = engine == "docker" ? $"docker-daemon:{image}" : $"podman:{image}";
        return await Root.Invoke(context, ["wrap", descriptor, "--image", place]);
    }
}

internal sealed record NewAlgorithmDocument(string Name, IReadOnlyList<string> Files);
