using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Describing;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Form;
using Yunpipe.Cli.Describing;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm describe</c>: asks for what a descriptor says, in the order in which one thinks of it. Every answer may also be an option.</summary>
internal static class AlgorithmDescribeCommand
{
    public static Command Create(CliContext context)
    {
        var image = new Argument<string?>("image") { Description = "The image that holds the program; without one, a program of this machine.", HelpName = "IMAGE", Arity = ArgumentArity.ZeroOrOne };
        var command = new Option<string?>("--command") { Description = "The command as typed in a shell, with $input, $output and $name for what changes.", HelpName = "TEXT" };
        var answer = new Option<string[]>("--answer", "-a") { Description = "Answer a question by its id; may be repeated. --questions lists them.", HelpName = "QUESTION=TEXT" };
        var from = new Option<string?>("--from") { Description = "Edit this descriptor.", HelpName = "FILE" };
        var output = new Option<string?>("--output", "-o") { Description = "Where the descriptor is written. [the algorithm's name, .yaml]", HelpName = "FILE" };
        var yes = new Option<bool>("--yes") { Description = "Ask nothing: take every other answer as it stands, and write over a file that is there." };
        var anew = new Option<bool>("--new") { Description = "Begin anew: forget answers that were kept when it was interrupted before." };
        var questions = new Option<bool>("--questions") { Description = "List the questions with their ids and answers, and write nothing." };
        var verb = new Command("describe", "Asks what an algorithm's command looks like and what it needs, and writes its descriptor.") { image, command, answer, from, output, yes, anew, questions };
        verb.SetAction(async (parse, cancel) =>
        {
            var (terminal, json) = (context.Terminal, parse.GetValue(GlobalOptions.Json));
            var problems = new ProblemList();
            if (await Begin(context, parse.GetValue(image), parse.GetValue(from), problems, cancel) is not { } draft) return terminal.Tell(problems.Sorted(), json);
            draft = Given(draft, parse.GetValue(command), parse.GetValue(output), parse.GetValue(answer) ?? [], problems);
            if (problems.Count > 0) return terminal.Tell(problems.Sorted(), json);
            if (parse.GetValue(questions)) return Questions(terminal, draft, json);
            var asks = !parse.GetValue(yes) && !json && terminal.CanAsk;
            if (!asks) return Write(terminal, draft, parse.GetValue(yes) || draft.Value("file") == parse.GetValue(from), json);
            var begun = parse.GetValue(from) is { } edited ? Path.GetFullPath(edited) : parse.GetValue(image) ?? "";
            var kept = new DraftFile(context.Environment, Directory.GetCurrentDirectory(), begun);
            if (parse.GetValue(anew)) kept.Forget();
            // What was begun here in the same way goes on, unless something else is said now.
            var said = parse.GetValue(command) is not null || parse.GetValue(output) is not null || parse.GetValue(answer) is { Length: > 0 };
            var before = said ? null : kept.Read();
            if (before is { Count: > 0 }) draft = before.Aggregate(draft, (all, next) => all.With(next.Key, next.Value));
            Draft? done;
            using (var keyboard = Keyboard.Open(terminal))
            {
                if (keyboard is null) return Write(terminal, draft, false, json);
                done = new DescribeSession(terminal, keyboard, kept, File.Exists).Run(draft, before is { Count: > 0 }, context.Interrupts.Stop);
            }
            if (done is null)
            {
                var again = parse.GetValue(from) is { } file ? $" --from {Words.Argument(file)}" : parse.GetValue(image) is { } reference ? $" {Words.Argument(reference)}" : "";
                terminal.Error.WriteLine($"Nothing is written. Your answers are kept: yunpipe algorithm describe{again} in this folder goes on with them.");
                return ExitCode.Interrupted;
            }
            var code = Write(terminal, done, true, json);
            if (code == ExitCode.AllDone) kept.Forget();
            return code;
        });
        return verb;
    }

    /// <summary>What is known before the first question; null with problems.</summary>
    private static async Task<Draft?> Begin(CliContext context, string? image, string? from, ProblemList problems, CancellationToken cancel)
    {
        if (from is not null)
        {
            var read = AlgorithmReader.Read(from);
            problems.AddRange(read.Problems);
            return read.Value is { } algorithm && read.Ok ? DraftReading.Of(algorithm, from) : null;
        }
        if (image is null) return Draft.Empty;
        try
        {
            var facts = await ImageFactsReader.Read(image, context.Places, cancel);
            var named = new Dictionary<string, string>(StringComparer.Ordinal) { ["image"] = NameOf(image) };
            // A wrapped image brings its own description along, which says nothing of the image itself.
            return facts.Descriptor is { } descriptor && AlgorithmReader.Read(descriptor, image, "") is { Ok: true, Value: { } carried }
                ? DraftReading.Of(carried, $"{carried.Name}.yaml").With("image", named["image"]) with { Image = facts } : new Draft(named, facts);
        }
        catch (ImageException error)
        {
            problems.Add(error.Problem);
            return null;
        }
    }

    /// <summary>What the image of a place is called where containers are started; empty for one that only lies in a folder or a file.</summary>
    private static string NameOf(string place) => PlaceName.TryParse(place, out var found, out _) && found.Kind is PlaceKind.Reference or PlaceKind.Registry or PlaceKind.Docker or PlaceKind.Podman ? found.Name ?? "" : "";

    private static Draft Given(Draft draft, string? command, string? output, IReadOnlyList<string> answers, ProblemList problems)
    {
        if (command is not null) draft = draft.With("command", command);
        if (output is not null) draft = draft.With("file", output);
        foreach (var text in answers)
            if (text.IndexOf('=') is > 0 and var at) draft = draft.With(text[..at], text[(at + 1)..]);
            else problems.Add("YP5031", new Location($"--answer {text}"), "A question and its answer are wanted.", "Write question=answer; --questions lists the questions.");
        // Answers make questions, so the ids are looked up when all are given.
        var asked = Questionnaire.Of(draft).Select(question => question.Id).ToList();
        foreach (var text in answers)
            if (text.IndexOf('=') is > 0 and var at && !asked.Contains(text[..at]))
                problems.Add("YP1450", new Location($"--answer {text}"), $"{Wording.Quote(text[..at])} is not asked.", Wording.DidYouMean(text[..at], asked) ?? "--questions lists what is.");
        return draft;
    }

    private static int Questions(Terminal terminal, Draft draft, bool json)
    {
        var table = new TextTable("QUESTION", "ANSWER", "ASKS");
        foreach (var question in Questionnaire.Of(draft))
        {
            var answer = draft[question.Id] ?? question.Default;
            if (json) terminal.Json(new QuestionDocument(question.Id, question.Text, question.Help, answer, question.Choices.Count > 0 ? question.Choices : null, DraftDocument.Flaw(draft, question)), VerbsJson.Default.QuestionDocument);
            else table.Add(question.Id, answer, question.Text);
        }
        if (!json) terminal.Out.Write(table.ToString());
        return ExitCode.AllDone;
    }

    private static int Write(Terminal terminal, Draft draft, bool over, bool json)
    {
        var problems = new ProblemList();
        foreach (var question in Questionnaire.Of(draft))
            if (DraftDocument.Flaw(draft, question) is { } flaw) problems.Add("YP1451", new Location($"--answer {question.Id}={draft[question.Id] ?? question.Default}"), flaw, question.Id == "command" ? "Say it with --command." : null);
        if (problems.Count == 0) problems.AddRange(DraftDocument.Read(draft).Problems);
        if (problems.Count > 0) return terminal.Tell(problems.Sorted(), json);
        var (file, algorithm) = (draft.Value("file"), DraftDocument.Read(draft).OrThrow());
        var text = file.EndsWith(".json", StringComparison.Ordinal) ? AlgorithmWriter.ToJson(algorithm, indented: true) : AlgorithmWriter.ToYaml(algorithm);
        try
        {
            if (!over && File.Exists(file) && File.ReadAllText(file) != text)
                return terminal.Tell([new Problem("YP5004", $"{Wording.Quote(file)} is there already, and says something else.", null, "Write to another file with -o, or say --yes.")], json);
            File.WriteAllText(file + ".new", text);
            File.Move(file + ".new", file, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return terminal.Tell([new Problem("YP5025", $"{Wording.Quote(file)} cannot be written: {error.Message}", null, "Write to another file with -o.")], json);
        }
        if (json) terminal.Json(new DescribedDocument(file, algorithm.Name), VerbsJson.Default.DescribedDocument);
        else
        {
            terminal.Error.WriteLine($"Wrote {file}.");
            terminal.Error.WriteLine($"Next: yunpipe algorithm preview {file}{(algorithm.Image is null ? "" : $", yunpipe wrap {file}")}");
        }
        return ExitCode.AllDone;
    }
}

internal sealed record QuestionDocument(string Id, string Text, string Help, string Answer, IReadOnlyList<string>? Choices, string? Flaw);

internal sealed record DescribedDocument(string File, string Algorithm);
