using System.Globalization;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Scripts;

/// <summary>A value in a script: a literal, a list of them, or (both null) something computed, by its first words.</summary>
internal sealed record ScriptValue(string? Text, IReadOnlyList<ScriptValue>? Items, string Shown, bool IsText = false)
{
    public bool IsNothing => Text is null && Items is null;
}

/// <param name="Target">The name that the result is assigned to; empty where there is none.</param>
/// <param name="Owner">Before the dot: the parser or group that an argument is added to.</param>
internal sealed record ScriptCall(string Target, string Owner, string Name, IReadOnlyList<ScriptValue> Plain, IReadOnlyDictionary<string, ScriptValue> Named, Location Where)
{
    public string? Text(string name) => Named.GetValueOrDefault(name) is { Text: { } text } ? text : null;
}

/// <summary>Finds calls of some names in a script's tokens, and reads their arguments as far as they are literals.</summary>
internal sealed class ScriptCalls(IReadOnlyList<ScriptToken> tokens, IReadOnlySet<string> names)
{
    private const int Deepest = 50;
    private int _at;

    public List<ScriptCall> Read()
    {
        var calls = new List<ScriptCall>();
        for (var at = 0; at + 1 < tokens.Count; at++)
        {
            if (tokens[at].Kind != ScriptTokenKind.Name || !names.Contains(tokens[at].Text) || !Is(at + 1, "(")) continue;
            var owner = at >= 2 && Is(at - 1, ".") && tokens[at - 2].Kind == ScriptTokenKind.Name ? tokens[at - 2].Text : "";
            // target = [module.]owner.name( or R's target <- owner$name(
            if (at >= 2 && Is(at - 1, "$")) owner = tokens[at - 2].Text;
            var start = at;
            while (start >= 2 && (Is(start - 1, ".") || Is(start - 1, "$")) && tokens[start - 2].Kind == ScriptTokenKind.Name) start -= 2;
            var target = start >= 2 && Is(start - 1, "=") && tokens[start - 2].Kind == ScriptTokenKind.Name ? tokens[start - 2].Text
                : start >= 3 && Is(start - 1, "-") && Is(start - 2, "<") ? tokens[start - 3].Text : "";
            var (plain, named) = Arguments(at + 1);
            calls.Add(new ScriptCall(target, owner, tokens[at].Text, plain, named, tokens[at].Where));
        }
        return calls;
    }

    private bool Is(int at, string sign) => at >= 0 && at < tokens.Count && tokens[at].Kind == ScriptTokenKind.Sign && tokens[at].Text == sign;

    private (List<ScriptValue>, Dictionary<string, ScriptValue>) Arguments(int open)
    {
        var plain = new List<ScriptValue>();
        var named = new Dictionary<string, ScriptValue>(StringComparer.Ordinal);
        _at = open + 1;
        while (_at < tokens.Count && !Is(_at, ")"))
        {
            string? name = null;
            if (tokens[_at].Kind == ScriptTokenKind.Name && Is(_at + 1, "=") && !Is(_at + 2, "=")) { name = tokens[_at].Text; _at += 2; }
            var value = Value(0);
            if (name is null) plain.Add(value);
            else named.TryAdd(name, value);
            if (Is(_at, ",")) _at++;
        }
        return (plain, named);
    }

    /// <summary>One expression up to the next comma or closing bracket of its level.</summary>
    private ScriptValue Value(int depth)
    {
        var start = _at;
        var value = Literal(depth);
        // What goes on behind a literal makes it an expression.
        var ends = _at >= tokens.Count || tokens[_at] is { Kind: ScriptTokenKind.Sign, Text: "," or ")" or "]" or "}" };
        if (value is not null && ends) return value;
        var level = 0;
        for (; _at < tokens.Count; _at++)
        {
            if (tokens[_at].Kind != ScriptTokenKind.Sign) continue;
            var sign = tokens[_at].Text;
            if (sign is "(" or "[" or "{") level++;
            else if (sign is ")" or "]" or "}")
            {
                if (level-- == 0) break;
            }
            else if (sign == "," && level == 0) break;
        }
        return new ScriptValue(null, null, string.Concat(tokens.Skip(start).Take(Math.Min(6, Math.Max(0, _at - start))).Select(token => token.Text)));
    }

    private ScriptValue? Literal(int depth)
    {
        if (_at >= tokens.Count || depth > Deepest) return null;
        var token = tokens[_at];
        switch (token.Kind)
        {
            case ScriptTokenKind.Text:
                var text = new System.Text.StringBuilder();
                var isPlain = true;
                for (; _at < tokens.Count && tokens[_at].Kind == ScriptTokenKind.Text; _at++) { text.Append(tokens[_at].Text); isPlain &= tokens[_at].IsPlain; }
                return isPlain ? new ScriptValue(text.ToString(), null, text.ToString(), IsText: true) : null;
            case ScriptTokenKind.Number:
                _at++;
                return Number(token.Text, "");
            case ScriptTokenKind.Name:
                _at++;
                if (token.Text == "c" && Is(_at, "(")) { _at++; return Many(")", depth); }
                return token.Text switch
                {
                    "True" or "TRUE" => new ScriptValue("true", null, token.Text),
                    "False" or "FALSE" => new ScriptValue("false", null, token.Text),
                    _ => null,
                };
            case ScriptTokenKind.Sign when token.Text is "-" or "+" && _at + 1 < tokens.Count && tokens[_at + 1].Kind == ScriptTokenKind.Number:
                _at += 2;
                return Number(tokens[_at - 1].Text, token.Text == "-" ? "-" : "");
            case ScriptTokenKind.Sign when token.Text is "[" or "(":
                _at++;
                return Many(token.Text == "[" ? "]" : ")", depth);
            default: return null;
        }
    }

    private static ScriptValue? Number(string text, string sign) =>
        NumberText.TryCanonical(sign + text.TrimEnd('L'), out var canonical) ? new ScriptValue(canonical, null, canonical)
        : text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? new ScriptValue(sign + hex.ToString(CultureInfo.InvariantCulture), null, text) : null;

    /// <summary>A list or a tuple; one value in parentheses is that value.</summary>
    private ScriptValue Many(string close, int depth)
    {
        var items = new List<ScriptValue>();
        var commas = 0;
        while (_at < tokens.Count && !Is(_at, close))
        {
            var before = _at;
            items.Add(Value(depth + 1));
            if (Is(_at, ",")) { _at++; commas++; }
            else if (_at == before) break;
        }
        if (Is(_at, close)) _at++;
        return items.Count == 1 && commas == 0 && close == ")" ? items[0] : new ScriptValue(null, items, "a list");
    }
}
