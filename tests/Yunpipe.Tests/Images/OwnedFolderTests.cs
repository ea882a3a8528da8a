using Yunpipe.Images.Files;

namespace Yunpipe.Tests;

public sealed class OwnedFolderTests
{
    [Fact]
    public void What_a_killed_process_left_is_taken_away_by_the_next_and_what_a_living_one_has_stays()
    {
        using var mine = OwnedFolder.Make("test");
        File.WriteAllText(Path.Combine(mine.Root, "image.tar"), "mine");
        var left = Path.Combine(Path.GetTempPath(), $"yunpipe-test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path.Combine(left, "deep"));
        File.WriteAllText(Path.Combine(left, "deep/image.tar"), "left");
        File.WriteAllText(left + ".owner", "");
        string another;
        using (var next = OwnedFolder.Make("test"))
        {
            another = next.Root;
            (Directory.Exists(left), File.Exists(left + ".owner")).ShouldBe((false, false));
            File.ReadAllText(Path.Combine(mine.Root, "image.tar")).ShouldBe("mine");
            File.WriteAllText(Path.Combine(next.Root, "x"), "");
        }
        (Directory.Exists(another), File.Exists(another + ".owner")).ShouldBe((false, false));
    }

    [Fact]
    public void A_link_to_elsewhere_is_not_followed()
    {
        using var elsewhere = new ImageScratch();
        File.WriteAllText(elsewhere.At("kept"), "");
        var left = Path.Combine(Path.GetTempPath(), $"yunpipe-test-{Guid.NewGuid():N}");
        Directory.CreateSymbolicLink(left, elsewhere.Root);
        File.WriteAllText(left + ".owner", "");
        OwnedFolder.Clear();
        File.Exists(elsewhere.At("kept")).ShouldBeTrue();
        File.Exists(left + ".owner").ShouldBeFalse();
        File.Delete(left);
    }

    [Fact]
    public void Only_this_user_can_look_into_it()
    {
        using var mine = OwnedFolder.Make("test");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(mine.Root).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
