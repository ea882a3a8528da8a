namespace Yunpipe.Algorithms;

/// <summary>What a name stands for in a command: text, a list, or (null) nothing, which removes the tokens that use it.</summary>
public sealed record CommandValue(string? Text, IReadOnlyList<string>? List)
{
    public static CommandValue Of(string text) => new(text, null);
    public static CommandValue Of(IReadOnlyList<string> list) => new(null, list);
}

/// <summary>A command as a list of tokens; it is an argument list from descriptor to exec and never passes through a shell (design.md §3.5).</summary>
public sealed record CommandTemplate(IReadOnlyList<Template> Tokens)
{
    /// <summary>Makes the arguments. A name that resolves to null removes its token; a list must be a whole token and becomes one argument a member.</summary>
    public IReadOnlyList<string> Expand(Func<string, CommandValue?> resolve)
    {
        var arguments = new List<string>(Tokens.Count);
        foreach (var token in Tokens)
        {
            if (token.OnlyName is { } name)
            {
                var value = resolve(name);
                if (value?.List is { } list) arguments.AddRange(list);
                else if (value?.Text is { } text) arguments.Add(text);
                continue;
            }
            var expanded = token.Expand(part => resolve(part) is { } value
                ? value.Text ?? throw new FormatException($"“{token}” uses the list “{part}” inside a token; a list can only be a whole token.")
                : null);
            if (expanded is not null) arguments.Add(expanded);
        }
        return arguments;
    }

    public override string ToString() => string.Join(' ', Tokens);
}
