namespace Yunpipe.Agent.Hand;

/// <summary>One call of the algorithm.</summary>
/// <param name="Key">The name of the image; below a folder that was given, its path in it.</param>
/// <param name="Several">True where others go into the same folder, so that results are laid out as a run would.</param>
/// <param name="Inputs">By input, absolute paths.</param>
internal sealed record HandJob(string Key, bool Several, IReadOnlyDictionary<string, IReadOnlyList<string>> Inputs);
