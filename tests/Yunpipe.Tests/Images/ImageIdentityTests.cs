using Yunpipe.Images;

namespace Yunpipe.Tests;

public sealed class ImageIdentityTests
{
    private static readonly ImageIdentity Plain = new() { Layers = ["sha256:aa", "sha256:bb"], Entrypoint = ["/tini", "--"], Command = ["run"], Environment = ["A=1"], User = "me", Directory = "/app" };

    [Fact]
    public void Wrapping_changes_nothing() =>
        (Plain with
        {
            Layers = ["sha256:aa", "sha256:bb", "sha256:agent"], Entrypoint = ["/opt/yunpipe/agent"], Command = [], Environment = ["A=1", "YUNPIPE_IMAGE=H4sI"],
            Labels = new Dictionary<string, string>
            {
                [ImageIdentity.AgentLayerLabel] = "sha256:agent", [ImageIdentity.EntrypointLabel] = """["/tini", "--"]""", [ImageIdentity.CommandLabel] = """["run"]""",
            },
        }).ToString().ShouldBe(Plain.ToString());

    [Fact]
    public void Labels_change_nothing() =>
        (Plain with { Labels = new Dictionary<string, string> { ["maintainer"] = "me" } }).ToString().ShouldBe(Plain.ToString());

    [Fact]
    public void An_image_without_a_folder_starts_at_the_root() =>
        (Plain with { Directory = "" }).ToString().ShouldBe((Plain with { Directory = "/" }).ToString());

    [Fact]
    public void Everything_that_a_process_sees_changes_it() =>
        new[]
        {
            Plain, Plain with { Layers = ["sha256:bb", "sha256:aa"] }, Plain with { Entrypoint = ["/tini"] }, Plain with { Entrypoint = ["/tini", "--", "run"], Command = [] },
            Plain with { Environment = ["A=2"] }, Plain with { User = "" }, Plain with { Directory = "/" },
        }.Select(image => image.ToString()).ShouldBeUnique();
}
