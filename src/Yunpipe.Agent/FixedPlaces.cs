using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>Links at the absolute places that an algorithm insists on (<c>path:</c> of an input or output), for the time of one job.</summary>
internal sealed class FixedPlaces(IReadOnlyList<AgentLink> links)
{
    private readonly List<string> _made = [];

    /// <summary>Null when all links stand; otherwise a sentence that says which does not.</summary>
    public string? Make()
    {
        foreach (var link in links)
        {
            try
            {
                if (Path.GetDirectoryName(link.At) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
                if (new FileInfo(link.At).LinkTarget is not null) File.Delete(link.At);
                else if (Directory.Exists(link.At) && !Directory.EnumerateFileSystemEntries(link.At).Any()) Directory.Delete(link.At);
                File.CreateSymbolicLink(link.At, link.To);
                _made.Add(link.At);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return $"“{link.At}” could not be made for the algorithm: {error.Message}";
            }
        }
        return null;
    }

    public void Remove()
    {
        foreach (var at in _made)
            if (new FileInfo(at).LinkTarget is not null) File.Delete(at);
    }
}
