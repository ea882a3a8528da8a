using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Describing;

/// <summary>A descriptor in the making: the answers given so far, by question. A question without an answer stands at its default.</summary>
/// <param name="Image">What is known of the image; null where there is none or nobody looked.</param>
/// <param name="Original">The document that is edited: what no question asks for stays as it is there.</param>
public sealed record Draft(IReadOnlyDictionary<string, string> Answers, ImageFacts? Image = null, MapNode? Original = null)
{
    public static Draft Empty { get; } = new(new Dictionary<string, string>());

    public string? this[string question] => Answers.GetValueOrDefault(question);

    public Draft With(string question, string answer) => this with { Answers = new Dictionary<string, string>(Answers, StringComparer.Ordinal) { [question] = answer } };

    /// <summary>The answer, or else the default, of a question that is asked now; empty for one that is not.</summary>
    public string Value(string question) => this[question] ?? Questionnaire.Of(this).FirstOrDefault(asked => asked.Id == question)?.Default ?? "";
}

/// <summary>What an image says of itself without its layers: the command that it starts, and as whom and where.</summary>
/// <param name="Descriptor">The descriptor that a wrapped image carries, as JSON; null for any other.</param>
public sealed record ImageFacts(
    string Reference, IReadOnlyList<string> Platforms, IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Command, string User, string Directory,
    IReadOnlyList<string> Environment, IReadOnlyList<string> Ports, string? Descriptor = null)
{
    /// <summary>Lines for a person: what one would look for in the image before describing it.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Reference} is for {string.Join(", ", Platforms)}";
        if (Descriptor is not null) yield return "carries  an algorithm already: its answers stand here";
        else if (Entrypoint.Count + Command.Count > 0) yield return $"starts   {CommandPreview.ToLine([.. Entrypoint, .. Command])}";
        if (User.Length > 0) yield return $"as user  {User}";
        if (Directory.Length > 0) yield return $"in       {Directory}";
        foreach (var variable in Environment.Where(variable => !variable.StartsWith("PATH=", StringComparison.Ordinal) && !variable.StartsWith("YUNPIPE_", StringComparison.Ordinal))) yield return $"with     {variable}";
        if (Ports.Count > 0) yield return $"listens  {string.Join(", ", Ports)}: it may be a service, not a program that ends";
    }
}
