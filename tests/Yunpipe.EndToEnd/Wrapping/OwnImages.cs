using Yunpipe.EndToEnd.Containers;

namespace Yunpipe.EndToEnd.Wrapping;

/// <summary>Names that a test gave to images, taken away afterwards.</summary>
internal sealed class OwnImages(params string[] engines) : IDisposable
{
    private readonly List<(string Engine, string Name)> _names = [];

    public string Own(string name, string? engine = null)
    {
        foreach (var each in engine is null ? engines : [engine]) _names.Add((each, name));
        return name;
    }

    public void Dispose()
    {
        foreach (var (engine, name) in _names) _ = Engines.Find(engine).Ask(["rmi", "--force", name], TimeSpan.FromSeconds(60), CancellationToken.None);
    }
}
