using CsCheck;
using Yunpipe.Items;

namespace Yunpipe.Tests.Items;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*.tif", "a.tif", true)]
    [InlineData("*.tif", "x/y/a.TIF", true)]
    [InlineData("*.tif", "a.tiff", false)]
    [InlineData("x/*.tif", "x/a.tif", true)]
    [InlineData("x/*.tif", "x/y/a.tif", false)]
    [InlineData("**/raw/*.tif", "raw/a.tif", true)]
    [InlineData("**/raw/*.tif", "p/q/raw/a.tif", true)]
    [InlineData("raw/", "raw/a/b.tif", true)]
    [InlineData("raw/", "raw", false)]
    [InlineData("/a.tif", "a.tif", true)]
    [InlineData("/a.tif", "x/a.tif", false)]
    [InlineData("a?.tif", "a1.tif", true)]
    [InlineData("a?.tif", "a.tif", false)]
    [InlineData("a[1].tif", "a[1].tif", true)]
    [InlineData("**", "x/y.z", true)]
    [InlineData("", "a", false)]
    [InlineData("x//y", "x/a/y", false)]
    public void A_glob_matches_names_or_whole_paths(string glob, string path, bool expected) => new Glob(glob).Matches(path).ShouldBe(expected);

    [Fact]
    public void Any_text_is_a_glob_and_any_path_can_be_held_against_it() =>
        Gen.Select(Gen.String[0, 30], Gen.String[0, 60]).Sample((glob, path) => { new Glob(glob).Matches(path); });
}
