using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

// Giving space back. What is deleted first is what a reader would look at, so that a crash in between leaves nothing that seems whole.
public sealed partial class FolderStore
{
    private const int Together = 500;

    /// <summary>Deletes jobs as if they had never run: records, outputs, logs. Outputs that other jobs share are given to be kept.</summary>
    public async Task Drop(IReadOnlyList<Manifest> manifests, Func<Manifest, bool> keepsOutputs)
    {
        foreach (var group in manifests.Chunk(Together))
        {
            var change = new DropChange([.. group.Select(manifest => Keys.Of(manifest.Job))]);
            Writer.Write(change);
            await change.Done;
            foreach (var manifest in group)
            {
                if (!keepsOutputs(manifest)) AttemptFolders.Delete(PlaceOf(manifest));
                var log = Path.Combine(_layout.Logs, manifest.Step, manifest.Job);
                if (File.Exists(log)) File.Delete(log);
            }
        }
    }

    /// <summary>Deletes the outputs of jobs of one step, and what stands of them in the readable tree; their manifests stay.</summary>
    public async Task Release(string step, IReadOnlyList<Manifest> manifests)
    {
        var change = new UnviewChange(step, _view);
        Writer.Write(change);
        await change.Done;
        foreach (var manifest in manifests) AttemptFolders.Delete(PlaceOf(manifest));
    }

    /// <summary>Folders of outputs that no record names: a crash left them.</summary>
    public IEnumerable<string> Forgotten()
    {
        foreach (var step in Directory.Exists(_jobs) ? Directory.EnumerateDirectories(_jobs) : [])
            foreach (var folder in Directory.EnumerateDirectories(step))
                if (JobId.TryParse(Path.GetFileName(folder), out var id) && _reading.Scalar("select 1 from manifests where job=$1", id.ToBytes()) is null) yield return folder;
    }
}
