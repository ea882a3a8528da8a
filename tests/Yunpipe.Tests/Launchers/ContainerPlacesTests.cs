using Yunpipe.Documents;
using Yunpipe.Local.Launchers;

namespace Yunpipe.Tests.Launchers;

public sealed class ContainerPlacesTests
{
    private static readonly ContainerPlaces Places = new("/usr/lib/agent", "/data/out/_yunpipe/attempts", "/data", "/data/out/_yunpipe/jobs", ["/models/a/net.pt", "/models/b/net.pt", "/atlas/"],
        ["/lab/count.py", "/lab/parts/helpers.py"]);

    [Theory]
    [InlineData("/data/cells.tif", "/yunpipe/input/cells.tif")]
    [InlineData("/data", "/yunpipe/input")]
    [InlineData("/data/out/_yunpipe/attempts/a-1/in", "/yunpipe/attempts/a-1/in")]
    [InlineData("/data/out/_yunpipe/jobs/x", "/yunpipe/jobs/x")]
    [InlineData("/data/out/x", "/yunpipe/input/out/x")]
    [InlineData("/models/a/net.pt", "/yunpipe/reference/0/net.pt")]
    [InlineData("/models/b/net.pt", "/yunpipe/reference/1/net.pt")]
    [InlineData("/atlas/brain.nii", "/yunpipe/reference/2/atlas/brain.nii")]
    [InlineData("/lab/count.py", "/yunpipe/files/lab/count.py")]
    [InlineData("/lab/parts/helpers.py", "/yunpipe/files/lab/parts/helpers.py")]
    public void The_narrowest_place_holds(string host, string inside) => Places.Seen(host).ShouldBe(inside);

    [Theory]
    [InlineData("/database/x")]
    [InlineData("/usr/lib/agent")]
    [InlineData("/models/a/other.pt")]
    [InlineData("/lab/secret.txt")]
    public void What_lies_outside_is_refused(string host) => Should.Throw<YunpipeException>(() => Places.Seen(host)).Problem.Code.ShouldBe("YP4130");

    [Fact]
    public void A_root_can_be_the_input() => new ContainerPlaces("/a", "/b", "/", null, []).Seen("/home/me/x").ShouldBe("/yunpipe/input/home/me/x");

    [Fact]
    public void Only_attempts_are_writable() =>
        Places.Mounts().Where(mount => !mount.EndsWith(",readonly", StringComparison.Ordinal)).ShouldBe(["type=bind,source=/data/out/_yunpipe/attempts,target=/yunpipe/attempts"]);

    [Fact]
    public void Commas_and_quotes_are_quoted_as_in_CSV() =>
        new ContainerPlaces("/a", "/b", "/my \"odd\", data:x", null, []).Mounts().Last().ShouldBe("type=bind,\"source=/my \"\"odd\"\", data:x\",target=/yunpipe/input,readonly");
}
