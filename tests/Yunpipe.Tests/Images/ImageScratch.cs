using Yunpipe.Images;

namespace Yunpipe.Tests;

/// <summary>A folder for one test, gone afterwards.</summary>
internal sealed class ImageScratch : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("yunpipe-images-").FullName;

    public string At(string name) => Path.Combine(Root, name);

    /// <summary>Everything below the folder, to see that nothing is left behind.</summary>
    public IReadOnlyList<string> Files => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

internal static class ImageProblems
{
    /// <summary>The code of the problem that an action ends with; the message holds each of the words.</summary>
    public static async Task ShouldSay(this Task action, string code, params string[] words)
    {
        var error = await Should.ThrowAsync<ImageException>(action);
        error.Problem.Code.ShouldBe(code, error.Message);
        foreach (var word in words) error.Problem.ToString().ShouldContain(word);
        error.Problem.ToString().ShouldNotContain("\n");
    }
}

/// <summary>Keeps all that is told, at once and in order.</summary>
internal sealed class SeenProgress(List<CopyProgress> seen) : IProgress<CopyProgress>
{
    public void Report(CopyProgress value) => seen.Add(value);
}
