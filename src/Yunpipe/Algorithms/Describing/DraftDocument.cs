using Yunpipe.Documents;
using static Yunpipe.Documents.NodeBuilder;

namespace Yunpipe.Algorithms.Describing;

/// <summary>From answers to a document. Each node's place is the question that it comes from, so that what is wrong with the document is told where it was answered.</summary>
public static class DraftDocument
{
    public static MapNode ToNode(Draft draft) => new Assembly(draft).Document();

    /// <summary>The algorithm that the answers describe, or what is wrong with them; the place of a problem is a question's id.</summary>
    public static Reading<Algorithm> Read(Draft draft) => AlgorithmReader.Read(ToNode(draft), "command", "");

    /// <summary>The document as it is written: in its shortest form, or as far as the answers go while something is wrong with them.</summary>
    public static string ToYaml(Draft draft) => Read(draft).Value is { } algorithm ? AlgorithmWriter.ToYaml(algorithm) : DocumentWriter.ToYaml(ToNode(draft));

    /// <summary>What is wrong with the answer of one question, by itself or in the document; null for nothing.</summary>
    public static string? Flaw(Draft draft, Question question)
    {
        if (question.Flaw(draft[question.Id] ?? question.Default) is { } flaw) return flaw;
        return Read(draft).Problems.FirstOrDefault(problem => problem.Where?.File == question.Id) is { } problem ? problem.Message + (problem.Advice is null ? "" : " " + problem.Advice) : null;
    }

    /// <summary>The command for sample values and files; null while the answers describe none.</summary>
    public static string? Preview(Draft draft)
    {
        if (Read(draft).Value is not { } algorithm) return null;
        var sample = SampleJob.For(algorithm, optionalInputs: true);
        return CommandPreview.Of(algorithm, sample.Values, sample.Inputs, sample.Meta).Value is { } arguments ? CommandPreview.ToLine(arguments) : null;
    }

    /// <summary>Puts one document together.</summary>
    private sealed class Assembly(Draft draft)
    {
        private readonly Dictionary<string, string> _defaults = Questionnaire.Of(draft).ToDictionary(question => question.Id, question => question.Default, StringComparer.Ordinal);

        /// <summary>Variables whose flag was typed before them and belongs to them now, since it goes when they go.</summary>
        private readonly Dictionary<string, (string Flag, string? Separator)> _flags = [];

        public MapNode Document()
        {
            var names = CommandDraft.Asked(draft, Answer("command"));
            var command = Command();
            var inputs = Named(names, CommandDraft.Input, Input);
            var outputs = Named(names, CommandDraft.Output, Output);
            outputs.AddRange(Pairs.Of(Answer("more")).Select(pair => new MapEntry(pair.Name, new Location("more"), Place(pair.Value, "more"))));
            var variables = Named(names, CommandDraft.Variable, Variable);
            var made = new NodeBuilder()
                .Add("name", Place(Answer("name"), "name")).Add("version", Optional("version")).Add("description", Optional("description")).Add("image", Optional("image"))
                .Add("command", command)
                .Add("inputs", All("inputs", inputs, "command"))
                .Add("outputs", outputs.Count == 0 ? null : Keep(new MapNode(outputs, new Location("more")), "outputs"))
                .Add("variables", All("variables", variables, "command"))
                .Add("resources", Resources()).Add("exitCodes", Exits()).Add("network", Yes("network") ? Flag(true) : null).Add("files", List("files", ' ')).Build();
            return Kept.In(made, WithRules(made), ["inputs", "outputs", "variables", "exitCodes", "network", "files", "version", "description", "image"]);
        }

        private string Answer(string id) => draft[id] ?? _defaults.GetValueOrDefault(id) ?? "";

        private bool Yes(string id) => Answer(id) == "yes";

        private static ScalarNode Place(string text, string id, bool quoted = true) => new(text, quoted, new Location(id));

        private ScalarNode? Optional(string id) => Answer(id) is { Length: > 0 } text ? Place(text, id) : null;

        private string Use(string name) => Answer($"use.{name}");

        /// <summary>In the order of the command; in that of the document where one is edited.</summary>
        private List<MapEntry> Named(IReadOnlyList<string> names, string use, Func<string, DocumentNode> value)
        {
            var before = ((draft.Original?[use + "s"] as MapNode)?.Entries ?? []).Select((entry, index) => (entry.Key, index)).ToDictionary(pair => pair.Key, pair => pair.index, StringComparer.Ordinal);
            return [.. names.Where(name => Use(name) == use).OrderBy(name => before.GetValueOrDefault(name, int.MaxValue)).Select(name => new MapEntry(name, new Location($"use.{name}"), value(name)))];
        }

        /// <summary>Those of the command, and those of the edited document that stand elsewhere in it: in its environment, its streams and its settings files.</summary>
        private MapNode? All(string key, List<MapEntry> made, string question)
        {
            var command = Keep(new MapNode(made, new Location(question)), key);
            var elsewhere = (draft.Original?[key] as MapNode)?.Entries.Where(entry => command[entry.Key] is null && StandsElsewhere(entry)).ToList() ?? [];
            if (elsewhere.Count == 0) return made.Count == 0 ? null : command;
            // In the order of the document where all of it is still there.
            var before = ((MapNode)draft.Original![key]!).Entries.Select((entry, index) => (entry.Key, index)).ToDictionary(pair => pair.Key, pair => pair.index, StringComparer.Ordinal);
            return new MapNode([.. command.Entries.Concat(elsewhere).OrderBy(entry => before.GetValueOrDefault(entry.Key, int.MaxValue))], command.Where);
        }

        private bool StandsElsewhere(MapEntry entry)
        {
            // What was no part of the command before was not asked about.
            if (draft.Original?["command"] is { } command && !Texts(command).SelectMany(CommandDraft.Names).Contains(entry.Key)) return true;
            var places = (draft.Original?.Entries ?? []).Where(part => part.Key is "environment" or "stdin" or "stdout" or "stderr" or "configs" or "outputs");
            return places.SelectMany(part => Texts(part.Value)).Any(text => CommandDraft.Names(text).Contains(entry.Key));
        }

        private static IEnumerable<string> Texts(DocumentNode node) => node switch
        {
            MapNode map => map.Entries.SelectMany(entry => Texts(entry.Value)),
            ListNode list => list.Items.SelectMany(Texts),
            ScalarNode text => [text.Text],
            _ => [],
        };

        /// <summary>The edited document without the rules about variables that are gone.</summary>
        private MapNode? WithRules(MapNode made)
        {
            if (draft.Original?["rules"] is not ListNode rules) return draft.Original;
            var variables = (made["variables"] as MapNode)?.Entries.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal) ?? [];
            var left = rules.Items.Where(rule => Texts(rule).All(member => variables.Contains(VariableRule.Member(member).Name))).ToList();
            return new MapNode([.. draft.Original.Entries.Where(entry => entry.Key != "rules" || left.Count > 0).Select(entry => entry.Key == "rules" ? entry with { Value = new ListNode(left, rules.Where) } : entry)], draft.Original.Where);
        }

        private MapNode Keep(MapNode made, string key) => new([.. made.Entries.Select(entry =>
            (draft.Original?[key] as MapNode)?[entry.Key] is MapNode before ? entry with { Value = Kept.In(entry.Value as MapNode ?? new NodeBuilder().Add("path", entry.Value).Build(), before, entry.Value is not MapNode ? [] : key == "inputs" ? CoveredOfInputs : Covered) } : entry)], made.Where);

        /// <summary>Keys that the questions answer: one that is absent now is meant to be.</summary>
        private static readonly string[] Covered = ["accepts", "list", "kind", "required", "path", "type", "of", "default", "minimum", "maximum", "values", "help"];

        private static readonly string[] CoveredOfInputs = ["accepts", "list", "kind", "required"];

        private ListNode Command()
        {
            var tokens = new List<DocumentNode>();
            foreach (var token in CommandDraft.Parse(Answer("command"), out _) ?? [])
            {
                if (token.OnlyName is { } name && GoesAway(name) && tokens.LastOrDefault() is ScalarNode { Text: ['-', _, ..] } flag && !flag.Text.Contains('$', StringComparison.Ordinal))
                {
                    _flags[name] = (flag.Text, null);
                    tokens.RemoveAt(tokens.Count - 1);
                    tokens.Add(Place($"${{{name}}}", "command"));
                }
                else if (token.Pieces is [{ IsName: false, Text: ['-', .., '='] } begin, { IsName: true } only] && GoesAway(only.Text))
                {
                    _flags[only.Text] = (begin.Text[..^1], "=");
                    tokens.Add(Place($"${{{only.Text}}}", "command"));
                }
                else tokens.Add(Place(string.Concat(token.Pieces.Select((piece, index) => Written(token, piece, index))), "command"));
            }
            return new ListNode(tokens, new Location("command"));
        }

        /// <summary>True for a value that may be absent, of which nobody has said before which flag goes with it.</summary>
        private bool GoesAway(string name)
        {
            if (Before(name)?["flag"] is not null || (draft.Original?["inputs"] as MapNode)?[name] is MapNode port && port["flag"] is not null) return false;
            return Use(name) == CommandDraft.Variable ? Answer($"variable.{name}.type") != "flag" && Answer($"variable.{name}.default").Length == 0 && !Yes($"variable.{name}.required")
                : Use(name) == CommandDraft.Input && !Yes($"input.{name}.required");
        }

        private string Written(Template token, TemplatePiece piece, int index)
        {
            if (!piece.IsName)
                return index > 0 && token.Pieces[index - 1] is { IsName: true } before && Use(before.Text) == CommandDraft.Output && piece.Text == CommandDraft.Ending(Answer("command"), before.Text)
                    ? "" : piece.Text.Replace("$", "$$", StringComparison.Ordinal);
            return Use(piece.Text) == CommandDraft.Output ? $"${{out}}/{Answer($"output.{piece.Text}.path")}" : $"${{{piece.Text}}}";
        }

        private MapNode Input(string name) => new NodeBuilder()
            .Add("accepts", List($"input.{name}.accepts", ' ')).Add("list", Answer($"input.{name}.kind") == "list" ? Flag(true) : null)
            .Add("kind", Answer($"input.{name}.kind") == "directory" ? Text("directory") : null).Add("required", Yes($"input.{name}.required") ? null : Flag(false))
            .Add("flag", FlagOf(name)).Add("separator", SeparatorOf(name)).Build();

        private DocumentNode Output(string name)
        {
            var path = Place(Answer($"output.{name}.path"), $"output.{name}.path");
            return new NodeBuilder().Add("path", path).Add("required", Yes($"output.{name}.required") ? null : Flag(false)).Build();
        }

        private MapNode Variable(string name)
        {
            var id = $"variable.{name}.";
            var type = Answer(id + "type");
            var (least, most) = Pairs.Range(Answer(id + "range"));
            var given = Answer(id + "default");
            var before = Before(name)?["default"];
            DocumentNode? otherwise = given.Length == 0 ? before is ScalarNode { IsNull: false, Text: "" } ? before : null : type switch
            {
                // Off is what a flag is without being said; where it was said, it stays said.
                "flag" => given == "yes" ? Flag(true) : before is null ? null : Flag(false),
                "list" => List(id + "default", ','),
                _ => Place(given, id + "default", quoted: type is not ("number" or "integer")),
            };
            return new NodeBuilder()
                .Add("type", Place(type, id + "type")).Add("of", type == "list" ? Place(Answer(id + "of"), id + "of") : null).Add("values", type is "enum" or "list" ? List(id + "values", ',') : null)
                .Add("default", otherwise).Add("required", type == "flag" ? Before(name)?["required"] : given.Length == 0 && Yes(id + "required") ? Flag(true) : null)
                .Add("minimum", least.Length == 0 ? null : Place(least, id + "range", quoted: false)).Add("maximum", most.Length == 0 ? null : Place(most, id + "range", quoted: false))
                .Add("flag", type == "flag" ? Place(Answer(id + "flag"), id + "flag") : FlagOf(name)).Add("separator", SeparatorOf(name)).Add("help", Optional(id + "help")).Build();
        }

        private MapNode? Before(string variable) => (draft.Original?["variables"] as MapNode)?[variable] as MapNode;

        private ScalarNode? FlagOf(string name) => _flags.TryGetValue(name, out var own) ? Text(own.Flag) : null;

        private ScalarNode? SeparatorOf(string name) => _flags.TryGetValue(name, out var own) && own.Separator is { } separator ? Text(separator) : null;

        private ListNode? List(string id, char between) => (between == ' ' ? Pairs.Words(Answer(id)) : Answer(id).Split(between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) is { Count: > 0 } items
            ? new ListNode([.. items.Select(item => Place(item, id))], new Location(id)) : null;

        private MapNode? Resources()
        {
            var made = new NodeBuilder()
                .Add("cpu", Answer("cpu") == "1" ? null : Place(Answer("cpu"), "cpu", quoted: false)).Add("memory", Memory())
                .Add("gpu", Answer("gpu") == "0" ? null : Place(Answer("gpu"), "gpu", quoted: false)).Add("timeout", Optional("timeout")).BuildOrNothing();
            return Kept.In(made ?? new MapNode([], default), draft.Original?["resources"] as MapNode, ["cpu", "memory", "gpu", "timeout"]) is { Entries.Count: > 0 } all ? all : null;
        }

        private DocumentNode? Memory()
        {
            var (least, usual) = Pairs.Memory(Answer("memory"));
            if (usual.Length == 0) return null;
            return least.Length == 0 ? Place(usual, "memory") : new NodeBuilder().Add("minimum", Place(least, "memory")).Add("suggested", Place(usual, "memory")).Build();
        }

        private MapNode? Exits() => Pairs.Exits(Answer("exits")) is { Count: > 0 } exits ? new MapNode([.. exits.Select(exit => new MapEntry(exit.Code, new Location("exits"),
            exit.Kind.Length == 0 ? Place(exit.Says, "exits") : new NodeBuilder().Add("kind", Place(exit.Kind, "exits")).Add("says", Place(exit.Says, "exits")).Build()))], new Location("exits")) : null;
    }
}

/// <summary>What an edited document had and no question asks for.</summary>
internal static class Kept
{
    /// <summary>The new entries, then those of before that neither stand there now nor are <paramref name="covered"/> by a question.</summary>
    public static MapNode In(MapNode made, MapNode? before, IReadOnlyList<string> covered) => before is null ? made
        : new([.. made.Entries, .. before.Entries.Where(entry => made[entry.Key] is null && !covered.Contains(entry.Key))], made.Where);
}
