using System.Formats.Tar;
using System.IO.Compression;
using Yunpipe.Images.Wrapping;

namespace Yunpipe.Tests;

public sealed class AgentLayerTests
{
    [Fact]
    public void The_layer_holds_agent_certificates_and_notices_with_rights_that_every_user_can_use()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in (string[])[AgentLayer.AgentFile, AgentLayer.CertificatesFile, AgentLayer.NoticesFile]) File.WriteAllText(folder.At(file), file);
        var layer = AgentLayer.Make(folder.Root, null).OrThrow();
        using var tar = new TarReader(new GZipStream(new MemoryStream(layer.Bytes.ToArray()), CompressionMode.Decompress));
        var entries = new List<string>();
        while (tar.GetNextEntry() is { } entry)
            entries.Add($"{entry.Name} {Convert.ToString((int)entry.Mode, 8)} {entry.Uid}:{entry.Gid} {entry.ModificationTime.ToUnixTimeSeconds()} {entry.Length}");
        entries.ShouldBe(["opt/ 755 0:0 0 0", "opt/yunpipe/ 755 0:0 0 0", "opt/yunpipe/agent 755 0:0 0 13", "opt/yunpipe/ca.pem 644 0:0 0 14", "opt/yunpipe/notices.md 644 0:0 0 24"]);
    }

    [Fact]
    public void The_layer_is_the_same_bytes_each_time_and_the_cache_gives_no_others()
    {
        using var folder = new TemporaryFolder();
        var agent = new byte[300_000];
        new Random(1).NextBytes(agent.AsSpan(0, 100_000));
        File.WriteAllBytes(folder.At(AgentLayer.AgentFile), agent);
        var first = AgentLayer.Make(folder.Root, null).OrThrow();
        var cache = folder.At("cache/layers");
        var second = AgentLayer.Make(folder.Root, cache).OrThrow();
        second.Digest.ShouldBe(first.Digest);
        var kept = Directory.GetFiles(cache).ShouldHaveSingleItem();
        File.ReadAllBytes(kept).ShouldBe(first.Bytes.ToArray());

        File.WriteAllBytes(kept, first.Bytes.ToArray()[..1000]);
        AgentLayer.Make(folder.Root, cache).OrThrow().Digest.ShouldBe(first.Digest);
        File.WriteAllBytes(kept, TestImage.Gzip([1, 2, 3]));
        AgentLayer.Make(folder.Root, cache).OrThrow().Digest.ShouldBe(first.Digest);
        File.ReadAllBytes(kept).ShouldBe(first.Bytes.ToArray());
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_done_without()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At(AgentLayer.AgentFile), "agent");
        File.WriteAllText(folder.At("file"), "");
        AgentLayer.Make(folder.Root, folder.At("file/cache")).Ok.ShouldBeTrue();
    }

    [Fact]
    public void Without_an_agent_nothing_is_wrapped()
    {
        using var folder = new TemporaryFolder();
        AgentLayer.Make(folder.Root, null).Problems.ShouldHaveSingleItem().ToString()
            .ShouldBe($"YP2153: The agent is not there: “{(folder.At("yunpipe-agent") is { Length: > 60 } path ? path[..60] + "…" : folder.At("yunpipe-agent"))}”. Install Yunpipe again: its programs belong in one folder.");
    }
}
