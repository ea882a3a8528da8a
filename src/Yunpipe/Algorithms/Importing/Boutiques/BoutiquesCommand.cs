using System.Text;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>The command line: text in which a shell would split words after keys were replaced by quoted values. Where it holds nothing but words, they become
/// the command; where it ends in redirections to files, these become <c>stdin</c> and <c>stdout</c>; where it needs a shell, it is given to one, with values in
/// the environment so that none of them is ever read as shell text.</summary>
internal sealed class BoutiquesCommand(ForeignMap tool, BoutiquesInputs inputs, BoutiquesOutputs outputs, ImportNotes notes)
{
    private const string EnvironmentPrefix = "ARG_";
    private const int LongestLine = 100_000;
    private readonly Location _where = tool.Place("command-line");
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    /// <summary>Inputs whose flag and value cannot part, or that stand inside a word, have no flag of their own.</summary>
    public List<Template> Tokens { get; } = [];
    public Dictionary<string, Template> Environment { get; } = new(StringComparer.Ordinal);
    public Template? Stdin { get; private set; }
    public Template? Stdout { get; private set; }
    public Template? Stderr { get; private set; }
    public IReadOnlySet<string> Used => _used;

    public void Read()
    {
        outputs.Read(_used);
        var line = tool.RequiredText("command-line");
        if (line.Length == 0) return;
        if (line.Length > LongestLine)
        {
            notes.Wrong(_where, $"The command line has {line.Length:N0} characters, and no command has more than {LongestLine:N0}.", "Is it the right file?");
            return;
        }
        foreach (var same in Keyed().GroupBy(pair => pair.Key).Where(group => group.Count() > 1 && group.Any(pair => outputs.Find(pair.Id) is not null)))
            notes.Wrong(_where, $"The value key {Wording.Quote(same.Key)} stands for several things.");
        var keys = new KeySet(Keyed().Select(pair => pair.Key));
        var words = ShellText.Split(line, keys);
        if (words.Flaw is { } flaw) notes.Wrong(_where, flaw);
        else if (words.NeedsShell is null || Redirected(words)) foreach (var word in words.Words) Add(word);
        else Script(line, keys, words.NeedsShell);
        Variables();
    }

    private IEnumerable<(string Key, string Id)> Keyed() =>
        inputs.All.Select(input => (input.Key, input.Id)).Concat(outputs.All.Select(output => (output.Key, output.Id))).Where(pair => pair.Key is { Length: > 0 }).Select(pair => (pair.Key!, pair.Id));

    /// <summary>One word: text and keys.</summary>
    private void Add(ShellWord word)
    {
        if (word.Pieces is [{ IsKey: true } only] && outputs.OfKey(only.Text) is { } written)
        {
            var path = OutputPath(written);
            if (written.Source.Text("command-line-flag") is not { Length: > 0 } flag) Tokens.Add(Template.Parse(path));
            else if (written.Source.Text("command-line-flag-separator") is { } between && between.Trim().Length > 0) Tokens.Add(Template.Parse(Sources.Literal(flag + between) + path));
            else { Tokens.Add(Template.Parse(Sources.Literal(flag))); Tokens.Add(Template.Parse(path)); }
            return;
        }
        // Inputs that exclude each other may share a key: each stands there, and only one of them has a value.
        if (word.Pieces is [{ IsKey: true } shared] && inputs.OfKey(shared.Text).ToList() is { Count: > 1 } several)
        {
            foreach (var input in several)
            {
                Use(input);
                Tokens.Add(Template.Parse(Sources.Name(input.Name)));
            }
            return;
        }
        var source = new StringBuilder();
        foreach (var piece in word.Pieces)
            if (!piece.IsKey) source.Append(Sources.Literal(piece.Text));
            else if (Input(piece.Text) is { } input)
            {
                Use(input);
                source.Append(Sources.Name(input.Name));
                if (word.Pieces.Count > 1) Inside(input);
            }
            else source.Append(OutputPath(outputs.OfKey(piece.Text)!));
        Tokens.Add(Template.Parse(source.ToString()));
    }

    private void Inside(BoutiquesInput input)
    {
        if (input.Source.Has("command-line-flag"))
            notes.Wrong(_where, $"The key {Wording.Quote(input.Key!)} stands inside a word and brings a flag along, which makes no argument that could be told.", "Give it a word of its own.");
        else if (input.IsList && !input.Source.Has("list-separator"))
            notes.Wrong(_where, $"The key {Wording.Quote(input.Key!)} stands inside a word and is a list without a separator.", "Give it a list-separator.");
        else if (input.IsOptional && !input.HasDefault)
            notes.NotCarried(_where, $"the word around {Wording.Quote(input.Key!)} is left out too where {Wording.Quote(input.Id)} has no value.");
    }

    private BoutiquesInput? Input(string key)
    {
        var all = inputs.OfKey(key).ToList();
        if (all.Count > 1) notes.NotCarried(_where, $"a key that several inputs share, {Wording.Quote(key)}, where it is no word of its own: it stands for {Wording.Quote(all[0].Id)} alone.");
        return all.Count > 0 ? all[0] : null;
    }

    private void Use(BoutiquesInput input)
    {
        if (input.Reserved is null) _used.Add(input.Name);
    }

    private string OutputPath(BoutiquesOutput output) => _paths.TryGetValue(output.Id, out var known) ? known : _paths[output.Id] = Placed(output);

    private string Placed(BoutiquesOutput output)
    {
        var path = output.Path ?? "";
        if (path.StartsWith('/')) return path;
        // A variable in it that owns a flag would bring it along: the output's own path does not.
        if (inputs.All.Any(input => input.Source.Has("command-line-flag") && path.Contains(Sources.Name(input.Name), StringComparison.Ordinal)) && outputs.Ports.Exists(port => port.Name == output.Name && !path.Contains('*')))
            return Sources.Name(ReservedNames.OutputPrefix + output.Name);
        return output.Source.Flag("uses-absolute-path") || IsOwn ? "${out}/" + path : path;
    }

    private bool IsOwn => tool.Node("custom") is MapNode custom && custom["yunpipe"] is MapNode;

    /// <summary>Redirections that stand at the end, each to a file of this job.</summary>
    private bool Redirected(ShellWords words)
    {
        if (words.Redirections is null) return false;
        foreach (var (kind, word) in words.Redirections)
        {
            var source = string.Concat(word.Pieces.Select(piece => !piece.IsKey ? Sources.Literal(piece.Text)
                : Input(piece.Text) is { } input ? Sources.Name(input.Name) : outputs.OfKey(piece.Text)!.Path ?? ""));
            foreach (var input in word.Pieces.Where(piece => piece.IsKey).Select(piece => Input(piece.Text)).OfType<BoutiquesInput>())
                if (input.Source.Has("command-line-flag") || kind != '<' && input.IsFile || kind == '<' && !input.IsFile) return false;
                else Use(input);
            if (kind != '<' && (source.StartsWith('/') || source.Split('/').Contains("..") || source.Contains('*'))) return false;
            if (kind == '<') Stdin = Template.Parse(source);
            else if (kind == '>') Stdout = Template.Parse(source);
            else Stderr = Template.Parse(source);
        }
        return true;
    }

    /// <summary>The line for a shell: every key becomes the value of an environment variable.</summary>
    private void Script(string line, KeySet keys, string why)
    {
        var shell = tool.Text("shell") ?? "/bin/sh";
        if (why.Length > 0) notes.Told.Add(ImportCodes.Renamed, _where, $"The command line uses {why}, so that {shell} runs it, with the values in its environment.");
        var script = new StringBuilder();
        foreach (var (piece, quote) in ShellText.Pieces(line, keys))
        {
            if (!piece.IsKey) { script.Append(piece.Text); continue; }
            var text = Input(piece.Text) is { } input ? InScript(input) : InScript(outputs.OfKey(piece.Text)!);
            // Inside double quotes the value's own would end them.
            script.Append(quote switch { '"' => text.Quoted, '\'' => $"'{text.Bare}'", _ => text.Bare });
        }
        foreach (var token in (string[])[shell, "-c", script.ToString()]) Tokens.Add(Template.Parse(Sources.Literal(token)));
    }

    private (string Bare, string Quoted) InScript(BoutiquesInput input)
    {
        Use(input);
        var name = EnvironmentName(input.Id);
        Environment[name] = Template.Parse(Sources.Name(input.Name));
        var flag = input.Source.Text("command-line-flag");
        if (input.Type == "Flag") return ($"$(test \"${name}\" = true && echo '{flag}')", "");
        var separator = input.Source.Text("command-line-flag-separator") ?? " ";
        if (separator.Trim().Length == 0 && separator.Length > 0) separator = " ";
        var many = input.IsList && !input.Source.Has("list-separator");
        if (many && input.Type != "Number") notes.NotCarried(_where, $"members of {Wording.Quote(input.Id)} may hold no white space, since a shell splits them.");
        var value = many ? $"$(echo \"${name}\" | tr ',' ' ')" : $"\"${name}\"";
        var shown = flag is { Length: > 0 } ? flag + separator + value : value;
        return (input.IsOptional && !input.HasDefault ? $"${{{name}:+{shown}}}" : shown, $"${{{name}}}");
    }

    private (string Bare, string Quoted) InScript(BoutiquesOutput output)
    {
        var name = EnvironmentName(output.Id);
        Environment[name] = Template.Parse(OutputPath(output));
        var flag = output.Source.Text("command-line-flag");
        return ((flag is { Length: > 0 } ? flag + (output.Source.Text("command-line-flag-separator") ?? " ") : "") + $"\"${name}\"", $"${{{name}}}");
    }

    private static string EnvironmentName(string id) => EnvironmentPrefix + string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));

    /// <summary>The tool's own environment: a value that is a key stands for the input.</summary>
    private void Variables()
    {
        foreach (var node in tool.List("environment-variables"))
        {
            var entry = ForeignMap.Of(node, "an environment variable", notes);
            var (name, value) = (entry.RequiredText("name"), entry.Text("value") ?? "");
            entry.Prose("description");
            entry.Rest();
            if (!Sources.IsEnvironmentName(name)) { notes.NotCarried(entry.Where, $"{Wording.Quote(name)}, which cannot be the name of an environment variable here."); continue; }
            if (value.Length > 0 && Input(value) is { } input)
            {
                Use(input);
                Environment[name] = Template.Parse(Sources.Name(input.Name));
            }
            else Environment[name] = Template.Parse(Sources.Literal(value));
        }
    }
}
