using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Images.Checks;

/// <summary>What the files of an image tell of an algorithm: whether its program is there and can run, and whether its user can write.</summary>
internal sealed class FileCheck(ImageFiles files, ImageConfig config)
{
    private const string UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private readonly ImageUser _user = ImageUser.Of(config.User, files);

    private string SearchPath => config.Environment.LastOrDefault(variable => variable.StartsWith("PATH=", StringComparison.Ordinal))?[5..] ?? UsualPath;

    public IEnumerable<ImageFinding> Findings(Algorithm algorithm) => [.. Program(algorithm), User()];

    private IEnumerable<ImageFinding> Program(Algorithm algorithm)
    {
        if (ImageCheck.FixedProgram(algorithm) is not { } name)
            return [new("executable", FindingKind.Unknown, "The program is named by a variable, and known when a job starts."), new("interpreter", FindingKind.Unknown, "Its interpreter is known when a job starts.")];
        if (name.Contains('/') && !name.StartsWith('/'))
            return [Bad(WrapCodes.NoProgram, $"{Wording.Quote(name)} is relative to the job's own folder, which holds no programs.", "Write the program's whole path in the image."), NotAsked];
        if (Locate(name) is not { } found)
            return [Bad(WrapCodes.NoProgram, name.Contains('/') ? $"There is no {Wording.Quote(name)} in the image." : $"There is no program {Wording.Quote(name)} in the image: it was looked for in {SearchPath.Replace(":", ", ", StringComparison.Ordinal)}.",
                "Install it in the image, or write its whole path."), NotAsked];
        var (path, file) = found;
        var called = path == name ? Wording.Quote(path) : $"{Wording.Quote(name)} is {Wording.Quote(path)}, which";
        if (file.IsDirectory) return [Bad(WrapCodes.NotExecutable, $"{Wording.Quote(path)} is a folder.", "Name the program in it."), NotAsked];
        if (!_user.MayExecute(file)) return [Bad(WrapCodes.NotExecutable, $"{called} {Mode(file)}: the image's user may not run it.", $"In the Dockerfile: RUN chmod 755 {path}"), NotAsked];
        if (file.Head.Length == 0) return [new("executable", FindingKind.Unknown, $"{Wording.Quote(path)} is there; what it is was not looked at."), NotAsked];
        if (ExecutableHead.Read(file.Head.Span) is not { } head)
            return [Bad(WrapCodes.NotExecutable, $"{called} is neither a program nor a script with “#!” on its first line.", "Add the line, as in #!/usr/bin/env python3, or name the interpreter in the command."), NotAsked];
        if (head.Machine is { } machine && machine != config.Platform.Architecture)
            return [Bad(WrapCodes.OtherMachine, $"{called} is made for {machine}, and the image says {config.Platform.Architecture}.", "Build the image for one kind of machine."), NotAsked];
        return [new("executable", FindingKind.Good, $"{called} {(path == name ? "is in the image and may be run" : "may be run")}."), Interpreter(path, head)];
    }

    private ImageFinding Interpreter(string path, ExecutableHead head)
    {
        ImageFinding Missing(string says, string advice) => new("interpreter", FindingKind.Bad, says, advice, WrapCodes.NoInterpreter);
        if (head.Interpreter is not { } interpreter)
            return head.IsScript ? Missing($"{Wording.Quote(path)} names no interpreter behind “#!”.", "Write one, as in #!/usr/bin/env python3.") : new("interpreter", FindingKind.Good, "The program is linked statically: it needs no loader.");
        if (head.HasReturn) return Missing($"The first line of {Wording.Quote(path)} ends as lines do on Windows, so its interpreter is not found.", "Save it with Unix line ends (dos2unix).");
        if (files.Find(interpreter) is null)
            return head.IsScript ? Missing($"The script {Wording.Quote(path)} wants {Wording.Quote(interpreter)}, which the image lacks.", "Install it, or name another on its first line.")
                : Missing($"The program {Wording.Quote(path)} wants the loader {Wording.Quote(interpreter)}, which the image lacks.", interpreter.Contains("musl", StringComparison.Ordinal) ? "It was built for Alpine (musl): use an Alpine image." : "It was built for glibc: use a Debian or Ubuntu image, or link it statically.");
        if (head.Program is { } program && Locate(program) is null)
            return Missing($"The script {Wording.Quote(path)} wants {Wording.Quote(program)}, which is not in PATH of the image.", "Install it, or name another on its first line.");
        return new("interpreter", FindingKind.Good, head.IsScript ? $"Its interpreter {Wording.Quote(head.Program ?? interpreter)} is there." : $"Its loader {Wording.Quote(interpreter)} is there.");
    }

    private ImageFinding User()
    {
        var name = config.User.Length == 0 ? "root" : Wording.Quote(config.User);
        var folder = config.Directory.Length == 0 ? "/" : config.Directory;
        if (_user.User is null)
            return new("user", FindingKind.Bad, $"The image's user {name} is not in its /etc/passwd, so no engine starts it.", "Add the user in the Dockerfile (RUN useradd …), or write a number.", WrapCodes.NoUser);
        var says = $"By hand and in the cloud it runs as {name}; here as whoever starts the run.";
        return files.Find(folder) is { File: var file } && !_user.MayWrite(file)
            ? new("user", FindingKind.Advice, $"{says} That user may not write in the image's working directory {Wording.Quote(folder)}.", "Jobs have a folder of their own. By hand, give a folder for results: -v \"$PWD:/data\".")
            : new("user", FindingKind.Good, says);
    }

    private (string Path, ImageFile File)? Locate(string name)
    {
        if (name.StartsWith('/')) return files.Find(name);
        foreach (var folder in SearchPath.Split(':'))
            if (files.Find($"{folder}/{name}") is { File.IsDirectory: false } found) return found;
        return null;
    }

    private static ImageFinding NotAsked => new("interpreter", FindingKind.Unknown, "Its interpreter is known once the program is.");

    private static ImageFinding Bad(string code, string says, string advice) => new("executable", FindingKind.Bad, says, advice, code);

    private static string Mode(ImageFile file) => $"has the rights {Convert.ToString((int)file.Mode & 0x1FF, 8)}";
}
