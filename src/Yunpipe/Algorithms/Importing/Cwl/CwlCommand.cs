using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Cwl;

/// <summary>Base command, arguments and bound inputs, in the order of their positions.</summary>
internal sealed class CwlCommand(ForeignMap tool, CwlInputs inputs, CwlReferences references, ImportNotes notes)
{
    public List<Template> Tokens { get; } = [];

    public void Read()
    {
        if (tool.Node("baseCommand") is ScalarNode word) Tokens.Add(Template.Parse(Sources.Literal(word.Text)));
        else foreach (var text in tool.Texts("baseCommand")) Tokens.Add(Template.Parse(Sources.Literal(text)));
        var entries = new List<(Key Key, IReadOnlyList<string> Sources)>();
        var index = 0;
        foreach (var node in tool.List("arguments")) entries.Add(Argument(node, index++));
        foreach (var input in inputs.All)
            if (input.Binding is { } binding && input.Type.Kind is not CwlKind.Other) entries.Add((new Key(Outer(input), Position(binding), true, 0, input.Id), Bound(input, binding)));
        foreach (var entry in entries.OrderBy(entry => entry.Key))
            foreach (var source in entry.Sources) Tokens.Add(Template.Parse(source));
        if (Tokens.Count == 0) notes.Wrong(tool.Where, "The tool has neither a baseCommand nor arguments.");
    }

    /// <summary>Arguments come before inputs of the same position; inputs of one position go by their names; fields stand where their record stands.</summary>
    private readonly record struct Key((decimal Position, string Name)? Outer, decimal Position, bool IsInput, int Index, string Name) : IComparable<Key>
    {
        public int CompareTo(Key other)
        {
            var (mine, theirs) = (Outer?.Position ?? Position, other.Outer?.Position ?? other.Position);
            if (mine != theirs) return mine.CompareTo(theirs);
            if (IsInput != other.IsInput) return IsInput ? 1 : -1;
            if (!IsInput) return Index.CompareTo(other.Index);
            var (first, second) = (Outer?.Name ?? Name, other.Outer?.Name ?? other.Name);
            if (first != second) return string.CompareOrdinal(first, second);
            if (Outer is null != other.Outer is null) return Outer is null ? -1 : 1;
            return Position != other.Position ? Position.CompareTo(other.Position) : string.CompareOrdinal(Name, other.Name);
        }
    }

    private static (decimal, string)? Outer(CwlInput input) => input.Outer is { } outer ? (Position(outer), input.Id[..input.Id.IndexOf('.')]) : null;

    private static decimal Position(ForeignMap binding)
    {
        if (binding.Node("position") is not ScalarNode text || !CwlReferences.IsExpression(text.Text)) return binding.Number("position") ?? 0;
        binding.NotCarried("position", "which is computed: 0 is taken");
        return 0;
    }

    private (Key, IReadOnlyList<string>) Argument(DocumentNode node, int index)
    {
        if (node is ScalarNode text) return (new Key(null, 0, false, index, ""), references.Convert(text.Text, text.Where, "the argument") is { } plain ? [plain] : []);
        var binding = ForeignMap.Of(node, "an argument", notes);
        var key = new Key(null, Position(binding), false, index, "");
        ShellQuote(binding);
        var (prefix, separate) = (binding.Text("prefix"), binding.MaybeFlag("separate") != false);
        _ = binding.Node("itemSeparator");
        var value = binding.Text("valueFrom");
        binding.Rest();
        if (value is null || references.Convert(value, binding.Place("valueFrom"), "the argument") is not { } source) return (key, []);
        return (key, WithPrefix(prefix, separate, source));
    }

    private static IReadOnlyList<string> WithPrefix(string? prefix, bool separate, string source) =>
        prefix is not { Length: > 0 } ? [source] : separate ? [Sources.Literal(prefix), source] : [Sources.Literal(prefix) + source];

    private IReadOnlyList<string> Bound(CwlInput input, ForeignMap binding)
    {
        ShellQuote(binding);
        binding.NotCarried("loadContents", "since files are not read before the run");
        foreach (var key in (ReadOnlySpan<string>)["prefix", "separate", "itemSeparator", "valueFrom", "position"]) _ = binding.Node(key);
        binding.Rest();
        if (input.Type.Kind == CwlKind.Record)
        {
            if (binding.Text("prefix") is not { Length: > 0 } flag) return [];
            if (input.IsOptional) notes.NotCarried(binding.Place("prefix"), $"that {Wording.Quote(flag)} is left out where {Wording.Quote(input.Id)} is not given.");
            return [Sources.Literal(flag)];
        }
        if (input.Type.Kind == CwlKind.Flag && binding.Text("prefix") is not { Length: > 0 }) return [];
        if (!CwlForm.IsReplaced(input))
        {
            input.IsUsed = true;
            return [Sources.Name(input.Name)];
        }
        if (references.Convert(binding.Text("valueFrom") ?? "", binding.Place("valueFrom"), "the value", input) is not { } source) return [];
        var tokens = WithPrefix(binding.Text("prefix"), binding.MaybeFlag("separate") != false, source);
        if (input.IsOptional && !input.HasDefault || input.InOptional || input.Type.Kind == CwlKind.Flag)
            notes.NotCarried(binding.Place("valueFrom"), $"a value that stands in the command only where {Wording.Quote(input.Id)} is given: it stands there always, as far as what it inserts has a value.");
        return tokens;
    }

    private static void ShellQuote(ForeignMap binding)
    {
        if (binding.MaybeFlag("shellQuote") == false) binding.NotCarried("shellQuote", "since no shell reads the command");
    }
}
