using System.CommandLine;
using System.Diagnostics;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Scripts;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Images;
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
        var from = new Option<string?>("--base") { Description = "The image that the Dockerfile starts from. [python:3.12-slim, or r-base:4.4.1]", HelpName = "IMAGE" };
        var build = new Option<bool>("--build") { Description = "Build the image and wrap it, without asking." };
        var engine = new Option<string?>("--engine") { Description = "What builds: docker or podman. [what answers]", HelpName = "NAME" };
        engine.AcceptOnlyFromAmong([.. ContainerEngine.Names]);
        var force = new Option<bool>("--force") { Description = "Write over what is there." };
        var command = new Command("new", "Makes an algorithm of a script: a descriptor with its variables, and a Dockerfile.") { script, requirements, input, result, from, build, engine, force };
        command.SetAction(async (parse, _) =>
        {
            var path = parse.GetRequiredValue(script);
            var read = ScriptReader.Read(path, parse.GetValue(input), parse.GetValue(result));
            if (read.Value is not { } made) return context.Terminal.Tell(read.Problems, parse.GetValue(GlobalOptions.Json));
            return await new NewAlgorithm(context, parse.GetValue(GlobalOptions.Json), parse.GetValue(GlobalOptions.Quiet), made, path, parse.GetValue(requirements), parse.GetValue(from))
                .Execute(parse.GetValue(force), parse.GetValue(build), parse.GetValue(engine));
        });
        return command;
    }
}

/// <summary>Writes the files of a new algorithm beside its script, and builds and wraps its image where that is wanted.</summary>
internal sealed class NewAlgorithm(CliContext context, bool json, bool quiet, ScriptAlgorithm made, string script, string? requirements, string? from)
{
    private readonly Terminal _terminal = context.Terminal;
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(script))!;

    public async Task<int> Execute(bool force, bool build, string? engine)
    {
        var name = made.Algorithm.Name;
        if (from is not null && !ImageReference.TryParse(from, out _, out var flaw))
            return _terminal.Tell([new Problem("YP5000", $"{Wording.Quote(from)} is not the name of an image: {flaw}.", new Location("--base"))], json);
        if (requirements is not null && (!File.Exists(requirements) || Path.GetDirectoryName(Path.GetFullPath(requirements)) != _folder))
            return _terminal.Tell([new Problem("YP5033", $"{Wording.Quote(requirements)} is not a file beside the script.", null, "A Dockerfile takes files from its own folder only.")], json);
        var files = new List<(string Name, string Text)>
        {
            ($"{name}.yaml", AlgorithmWriter.ToYaml(made.Algorithm)),
            ("Dockerfile", ScriptImage.Dockerfile(made.Algorithm, requirements is null ? null : Path.GetFileName(requirements), from)),
        };
        var standing = files.Where(file => !force && File.Exists(Path.Combine(_folder, file.Name)) && File.ReadAllText(Path.Combine(_folder, file.Name)) != file.Text).ToList();
        if (standing.Count > 0)
            return _terminal.Tell([.. standing.Select(file => new Problem("YP5004", $"{Wording.Quote(Path.Combine(_folder, file.Name))} is there already, and says something else.", null, "Take it away, or say --force."))], json);
        foreach (var file in files)
            if (WrittenFile.Write(Path.Combine(_folder, file.Name), file.Text) is { } problem) return _terminal.Tell([problem], json);
        if (!quiet) foreach (var note in made.Told) _terminal.Error.WriteLine(note.ToString());
        if (json) _terminal.Json(new NewAlgorithmDocument(name, [.. files.Select(file => Path.Combine(_folder, file.Name))]), VerbsJson.Default.NewAlgorithmDocument);
        else if (!quiet) foreach (var file in files) _terminal.Out.WriteLine($"Written: {Words.Path(Path.Combine(_folder, file.Name))}");
        if (!build && !_terminal.CanAsk) return Unbuilt("say --build to make one");
        if (Engine(engine) is not { } found)
            return build ? _terminal.Tell([new Problem("YP4113", "No container engine answers, so that no image can be built.", null, "Install docker or podman; the descriptor runs without an image too.")], json) : Unbuilt("no container engine answers");
        if (!build && !_terminal.Agree($"Build the image “{name.ToLowerInvariant()}” with {found} and wrap it?")) return Unbuilt("--build does it later");
        return await Build(found, name);
    }

    private int Unbuilt(string why)
    {
        if (!quiet) _terminal.Error.WriteLine($"No image is built: {why}. The descriptor runs the script as it is on this machine.");
        return ExitCode.AllDone;
    }

    private string? Engine(string? asked) => (asked is null ? ContainerEngine.Names : [asked]).FirstOrDefault(name => ContainerEngine.Probe(name, context.Environment, LauncherFinder.Patience, CancellationToken.None).Ok);

    private async Task<int> Build(string engine, string name)
    {
        var image = $"{name.ToLowerInvariant()}:latest";
        int exit;
        var source = Directory.CreateTempSubdirectory("yunpipe-build-").FullName;
        try
        {
            // The engine is given what the image is made of, and not the gigabytes that may lie beside a script.
            foreach (var file in made.Algorithm.Files.Append("Dockerfile").Concat(requirements is null ? [] : [Path.GetFileName(requirements)]))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(source, file))!);
                File.Copy(Path.Combine(_folder, file), Path.Combine(source, file), overwrite: true);
            }
            exit = await Run(engine, ["build", "--tag", image, source]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return _terminal.Tell([new Problem("YP5025", $"The files of the image cannot be copied: {error.Message}")], json);
        }
        finally
        {
            Directory.Delete(source, recursive: true);
        }
        if (exit != 0) return _terminal.Tell([new Problem("YP4109", $"{engine} could not build the image: see its words above.", null, $"The same by hand: {engine} build --tag {image} {Words.Argument(_folder)}")], json);
        var descriptor = Path.Combine(_folder, $"{name}-image.yaml");
        if (WrittenFile.Write(descriptor, AlgorithmWriter.ToYaml(ScriptImage.Inside(made.Algorithm, image))) is { } problem) return _terminal.Tell([problem], json);
        var place = engine == "docker" ? $"docker-daemon:{image}" : $"podman:{image}";
        return await Root.Invoke(context, ["wrap", descriptor, "--image", place, .. json ? ["--json"] : Array.Empty<string>(), .. quiet ? ["--quiet"] : Array.Empty<string>()]);
    }

    /// <summary>What the engine says of its progress goes where progress goes; where it fails it is heard in any case.</summary>
    private async Task<int> Run(string engine, IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(engine, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        var said = new List<string>();
        async Task Hear(StreamReader stream)
        {
            while (await stream.ReadLineAsync() is { } line)
                lock (said)
                    if (quiet) said.Add(line);
                    else _terminal.Error.WriteLine(line);
        }
        await Task.WhenAll(Hear(process.StandardOutput), Hear(process.StandardError));
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) foreach (var line in said) _terminal.Error.WriteLine(line);
        return process.ExitCode;
    }
}

internal sealed record NewAlgorithmDocument(string Name, IReadOnlyList<string> Files);
