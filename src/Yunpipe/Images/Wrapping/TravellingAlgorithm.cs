using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Images.Wrapping;

/// <summary>A descriptor as it travels inside an image: without what only this machine has.</summary>
/// <param name="Notes">What its author should know, a sentence each.</param>
public sealed record TravellingAlgorithm(Algorithm Algorithm, IReadOnlyList<string> Notes)
{
    /// <summary>The image is left out, since the one that carries the descriptor is meant; so is a default that is a path here, and the variable is
    /// required instead. Files of this machine cannot be left out.</summary>
    public static Reading<TravellingAlgorithm> Of(Algorithm algorithm)
    {
        if (algorithm.Files.Count > 0)
            return new(null, [new Problem(WrapCodes.LocalFiles, $"{Wording.Quote(algorithm.Name)} consists of files of this machine ({Wording.AllOf(algorithm.Files)}), which its image does not hold.",
                algorithm.Source.File is null ? null : algorithm.Source, "Build them into the image, call them there, and leave “files” out.")]);
        var notes = new List<string>();
        var variables = algorithm.Variables.Select(variable =>
        {
            if (variable.Default is not { } value || !ReferencePath.IsReference(variable) || value.Items.All(ReferencePath.IsRemote)) return variable;
            notes.Add($"The default of {Wording.Quote(variable.Name)}, {Wording.Quote(value.Text)}, is a path of this machine and does not travel: whoever uses the image says it.");
            return variable with { Default = null, Required = true };
        }).ToList();
        return new(new TravellingAlgorithm(algorithm with { Image = null, Variables = variables }, notes), []);
    }
}
