using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Algorithms.Describing;

/// <summary>What is asked, in the order in which one thinks of it: the image, the command, what its placeholders are, then each of them, the name, what it needs.
/// Which questions there are depends on the answers.</summary>
public static class Questionnaire
{
    private static readonly string[] YesNo = ["yes", "no"];
    private static readonly string[] Uses = [CommandDraft.Input, CommandDraft.Output, CommandDraft.Variable];
    private static readonly string[] Kinds = ["file", "directory", "list"];
    private static readonly string[] Members = ["number", "integer", "string", "enum", "file", "directory"];
    private static readonly string[] Types = ["number", "integer", "string", "enum", "flag", "file", "directory", "list"];

    public static IReadOnlyList<Question> Of(Draft draft)
    {
        var questions = new List<Question>
        {
            new("image", "image", "Which image holds the program?", "As registry/name:tag. Leave it empty for a program of this machine.")
            {
                Default = draft.Image?.Reference ?? "", Check = answer => answer.Length == 0 || ImageReference.TryParse(answer, out _, out var flaw) ? null : $"This is not the name of an image: {flaw}.",
            },
            new("command", "command", "What does the command look like?", "As you would type it. $input and $output stand for the files, $name for whatever else changes.")
            {
                Default = draft.Image is { } image ? CommandPreview.ToLine([.. image.Entrypoint, .. image.Command]) : "", Required = true, Check = CommandDraft.Flaw,
            },
        };
        var command = draft["command"] ?? questions[1].Default;
        var names = CommandDraft.Asked(draft, command);
        foreach (var name in names)
            questions.Add(new Question($"use.{name}", $"${name} is", $"What is ${name}?", "An input is a file that goes in, an output a file that comes out, a variable is set by whoever runs it.") { Default = CommandDraft.GuessUse(name), Choices = Uses });
        string Use(string name) => draft[$"use.{name}"] ?? CommandDraft.GuessUse(name);
        foreach (var name in names.Where(name => Use(name) == CommandDraft.Input)) AddInput(questions, name);
        foreach (var name in names.Where(name => Use(name) == CommandDraft.Output)) AddOutput(questions, draft, command, name, Lists(draft, names));
        questions.Add(new Question("more", "other outputs", names.Any(name => Use(name) == CommandDraft.Output) ? "Does it leave other files in ${out}?" : "Which files does it leave in ${out}?",
            "As name=file, several with spaces between: labels=${stem}_labels.tif tables=*.csv. Empty for none.")
        {
            Default = CommandDraft.NamesOutFolder(command) && !names.Any(name => Use(name) == CommandDraft.Output) ? "results=*" : "", Check = answer => Pairs.Flaw(answer, "labels=${stem}_labels.tif"),
        });
        foreach (var name in names.Where(name => Use(name) == CommandDraft.Variable)) AddVariable(questions, draft, name);
        AddRest(questions, draft, command);
        return questions;
    }

    private static IReadOnlyList<string> Lists(Draft draft, IReadOnlyList<string> names) => [.. names.Where(name => draft[$"input.{name}.kind"] == "list")];

    private static void AddInput(List<Question> questions, string name)
    {
        questions.Add(new Question($"input.{name}.accepts", $"${name} takes", $"Which files can be ${name}?", "Patterns with spaces between, for example *.tif *.png. Empty for every file."));
        questions.Add(new Question($"input.{name}.kind", "", $"Is ${name} one file?", "A directory is an image such as OME-Zarr; a list is all files of a group, such as the sites of a plate.") { Default = "file", Choices = Kinds });
        questions.Add(new Question($"input.{name}.required", "", $"Does it always need ${name}?", "Without it, the argument is left out of the command.") { Default = "yes", Choices = YesNo });
    }

    private static void AddOutput(List<Question> questions, Draft draft, string command, string name, IReadOnlyList<string> lists)
    {
        var ending = CommandDraft.Ending(command, name) is { Length: > 0 } typed ? typed : ".tif";
        var word = name == "output" ? "result" : name;
        questions.Add(new Question($"output.{name}.path", $"${name} is called", $"What is the file behind ${name} called?", "${stem} is the name of the image without its ending.")
        {
            Default = lists.Count > 0 ? word + ending : $"${{stem}}_{word}{ending}", Required = true, Check = TemplateFlaw,
        });
        questions.Add(new Question($"output.{name}.required", "", $"Does it always make ${name}?", "If it must and does not, the job has failed.") { Default = "yes", Choices = YesNo });
    }

    private static void AddVariable(List<Question> questions, Draft draft, string name)
    {
        var type = draft[$"variable.{name}.type"] ?? CommandDraft.GuessType(name);
        questions.Add(new Question($"variable.{name}.type", $"${name}", $"What kind of value is ${name}?", "An enum is one of a few words; a file or directory is the same for many images, such as a model.") { Default = CommandDraft.GuessType(name), Choices = Types });
        var of = draft[$"variable.{name}.of"] ?? "string";
        if (type == "list")
            questions.Add(new Question($"variable.{name}.of", "", $"What are the members of ${name}?", "All of one kind.") { Default = "string", Choices = Members });
        if (type == "enum" || of == "enum" && type == "list")
            questions.Add(new Question($"variable.{name}.values", "", $"Which values can ${name} have?", "With commas between: otsu, local.") { Required = true });
        if (type == "flag")
            questions.Add(new Question($"variable.{name}.flag", "", $"What stands in the command when ${name} is on?", "Nothing stands there when it is off.") { Default = $"--{name.Replace('_', '-')}", Required = true });
        questions.Add(new Question($"variable.{name}.default", "", $"What is ${name} when nobody sets it?", type switch
        {
            "flag" => "yes or no.", "list" => "With commas between; empty for nothing.", _ => "Empty for nothing.",
        }) { Default = type == "flag" ? "no" : "", Choices = type == "flag" ? YesNo : [] });
        if (type != "flag" && string.IsNullOrEmpty(draft[$"variable.{name}.default"]))
            questions.Add(new Question($"variable.{name}.required", "", $"Must ${name} be set?", "If not, its argument is left out of the command.") { Default = "yes", Choices = YesNo });
        if (type is "number" or "integer" || type == "list" && of is "number" or "integer")
            questions.Add(new Question($"variable.{name}.range", "", $"Between which numbers must ${name} lie?", "For example 0..10, 0.. or ..1. Empty for any.") { Check = Pairs.RangeFlaw });
        questions.Add(new Question($"variable.{name}.help", "", $"What does ${name} do?", "One line, with its unit, for whoever sets it."));
    }

    private static void AddRest(List<Question> questions, Draft draft, string command)
    {
        if ((draft["image"] ?? draft.Image?.Reference ?? "").Length == 0)
            questions.Add(new Question("files", "files", "Which files of this folder does it consist of?", "With spaces between; when one of them changes, results are made again. Empty for none.") { Default = string.Join(' ', Scripts(command)) });
        questions.Add(new Question("name", "name", "What is the algorithm called?", "Letters, digits, “.”, “_” and “-”.") { Default = Name(draft, command), Required = true, Check = NameRule.TitleFlaw });
        questions.Add(new Question("version", "version", "Which version is it?", "For example 1.0.0."));
        questions.Add(new Question("description", "does", "What does it do?", "One line for whoever looks for it."));
        questions.Add(new Question("cpu", "processors", "How many processors does it use?", "As many jobs run at once as fit.") { Default = "1", Check = answer => double.TryParse(answer, CultureInfo.InvariantCulture, out var count) && count > 0 ? null : "A number above 0 is wanted." });
        questions.Add(new Question("memory", "memory", "How much memory does it need?", "For example 2 GiB, or 1 GiB..2 GiB for at least and usually. Empty if you do not know: the report of a run proposes a size.") { Check = Pairs.MemoryFlaw });
        questions.Add(new Question("gpu", "GPUs", "How many GPUs does it need?", "0 for none.") { Default = "0", Check = answer => int.TryParse(answer, CultureInfo.InvariantCulture, out var count) && count >= 0 ? null : "A whole number is wanted." });
        questions.Add(new Question("timeout", "time limit", "After which time is it certainly stuck?", "For example 10 min. Empty for no limit.") { Check = answer => answer.Length == 0 || Duration.TryParse(answer, out _) ? null : "A time such as 90 s, 10 min or 2 h is wanted." });
        questions.Add(new Question("network", "network", "Does it need the network?", "Without it, nothing can be reached from the container.") { Default = "no", Choices = YesNo });
        questions.Add(new Question("exits", "exit codes", "Do some exit codes mean something?", "For example 3=The image holds no nuclei; 4=The image is too small. Empty for none.") { Check = Pairs.ExitsFlaw });
        questions.Add(new Question("file", "file", "Where is it written?", "A .yaml or .json file.") { Default = $"{draft["name"] ?? Name(draft, command)}.yaml", Required = true });
    }

    /// <summary>The last part of the image's name, or the script's, or the program's.</summary>
    private static string Name(Draft draft, string command)
    {
        var reference = draft["image"] ?? draft.Image?.Reference ?? "";
        if (reference.Length > 0 && ImageReference.TryParse(reference, out var image, out _)) return image.Repository[(image.Repository.LastIndexOf('/') + 1)..];
        var word = Scripts(command).FirstOrDefault() ?? (CommandDraft.Parse(command, out _) is [var first, ..] ? first.Source : "");
        var name = Path.GetFileNameWithoutExtension(word.TrimEnd('/'));
        return NameRule.TitleFlaw(name) is null ? name : "algorithm";
    }

    /// <summary>Words of a command that are scripts beside the descriptor, not of the system.</summary>
    private static IEnumerable<string> Scripts(string command) => (CommandDraft.Parse(command, out _) ?? []).Select(token => token.Source)
        .Where(text => !text.StartsWith('/') && !text.Contains('$', StringComparison.Ordinal) && Path.GetExtension(text) is ".py" or ".r" or ".R" or ".sh" or ".m" or ".ijm" or ".jl");

    private static string? TemplateFlaw(string text)
    {
        try
        {
            Template.Parse(text);
            return null;
        }
        catch (FormatException error)
        {
            return error.Message;
        }
    }
}
