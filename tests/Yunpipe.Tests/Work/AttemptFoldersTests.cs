using Yunpipe.Work;

namespace Yunpipe.Tests.Work;

/// <summary>A folder is used again only where the job before left nothing in it.</summary>
public sealed class AttemptFoldersTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("yunpipe-folders-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(null)]
    [InlineData("links")]
    public void A_folder_in_which_nothing_was_left_is_used_again_however_often(string? links)
    {
        var folders = Folders(links);
        var first = folders.Take().Make();
        for (var i = 0; i < 3; i++)
        {
            var link = Path.Combine(first.In, "image.tif");
            File.CreateSymbolicLink(link, "/dev/null");
            folders.Return(first, [link]);
            folders.Take().Make().ShouldBeSameAs(first);
        }
    }

    [Theory]
    [InlineData("core")]
    [InlineData("out/stray.txt")]
    [InlineData("tmp/half")]
    [InlineData("in/of its own")]
    [InlineData("new/folder/file")]
    public void A_folder_in_which_anything_was_left_is_not_the_next_jobs(string left)
    {
        // The second time the folder is known by its age alone.
        foreach (var looks in (int[])[0, 2])
        {
            var folders = Folders(null);
            var folder = folders.Take().Make();
            for (var i = 0; i < looks; i++)
            {
                folders.Return(folder, []);
                folders.Take().ShouldBeSameAs(folder);
            }
            var path = Path.Combine(folder.Root, left);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "left");
            folders.Return(folder, []);
            folders.Take().ShouldNotBeSameAs(folder);
            Directory.Exists(folder.Root).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_folder_whose_place_for_outputs_went_or_became_a_link_is_not_used_again()
    {
        var folders = Folders(null);
        var folder = folders.Take().Make();
        Directory.Delete(folder.Out);
        Directory.CreateSymbolicLink(folder.Out, _root);
        folders.Return(folder, []);
        folders.Take().ShouldNotBeSameAs(folder);
        Directory.Exists(_root).ShouldBeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_its_outputs_were_moved_away_a_folder_serves_again_where_that_is_allowed(bool allowed)
    {
        var folders = new AttemptFolders(Path.Combine(_root, "attempts"), "run") { RenewsOutputs = allowed };
        var folder = folders.Take().Make();
        for (var i = 0; i < 3; i++)
        {
            File.WriteAllText(Path.Combine(folder.Out, "result.tif"), "pixels");
            Directory.Move(folder.Out, Path.Combine(_root, $"kept{i}"));
            folders.Return(folder, []);
            var next = folders.Take().Make();
            if (allowed) next.ShouldBeSameAs(folder);
            else next.ShouldNotBeSameAs(folder);
            Directory.EnumerateFileSystemEntries(next.Out).ShouldBeEmpty();
            folder = next;
        }
        File.WriteAllText(Path.Combine(folder.Root, "core"), "left");
        Directory.Move(folder.Out, Path.Combine(_root, "kept"));
        folders.Return(folder, []);
        folders.Take().ShouldNotBeSameAs(folder);
    }

    [Fact]
    public void What_came_and_went_again_does_no_harm()
    {
        var folders = Folders(null);
        var folder = folders.Take().Make();
        for (var i = 0; i < 3; i++)
        {
            File.WriteAllText(folder.Log, "words");
            File.Delete(folder.Log);
            folders.Return(folder, []);
            folders.Take().ShouldBeSameAs(folder);
        }
    }

    private AttemptFolders Folders(string? links) =>
        new(Path.Combine(_root, "attempts"), Guid.NewGuid().ToString("N")[..6], links is null ? null : Path.Combine(_root, links));
}
