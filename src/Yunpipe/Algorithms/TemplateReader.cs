using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>Templates from documents, with their places.</summary>
public static class TemplateReader
{
    /// <summary>A template, or null, reported, where the node is no text or the text is no template.</summary>
    public static Template? Read(DocumentNode node, string key, ProblemList problems)
    {
        if (node is ScalarNode { IsNull: false } scalar) return Parse(scalar.Text, scalar.Where, problems);
        problems.Add(DocumentCodes.WrongKind, node.Where, $"{Wording.Quote(key)} wants text, and this is {node.Kind}.");
        return null;
    }

    public static Template? Parse(string text, Location where, ProblemList problems)
    {
        try
        {
            return Template.Parse(text);
        }
        catch (FormatException error)
        {
            problems.Add(AlgorithmCodes.BadTemplate, where, error.Message, "Write a dollar as “$$”.");
            return null;
        }
    }
}
