using System.Diagnostics;
using System.Text.RegularExpressions;
using Yunpipe.EndToEnd.Cli;
using Yunpipe.EndToEnd.Containers;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Wrapping;

/// <summary>What the pages about wrapped images tell people to type works as it stands there.</summary>
public sealed class WrapGuideTests
{
    private const string Descriptor = """
        name: nuclei
        version: "1.2"
        image: {{image}}
        command: [/bin/sh, -c, 'o=$$1; shift; echo "$$@" > "$$o"', sh, '${out}/${stem}_labels.tif', '${image}', '${mask}', '${sigma}', '${fast}', '${channels}', '${help}']
        inputs:
          image: {accepts: ["*.tif"]}
          mask: {required: false, flag: --mask}
        outputs: {labels: "${stem}_labels.tif"}
        variables:
          sigma: {type: number, default: 1, flag: --sigma, help: Width of the smoothing}
          fast: {type: flag, flag: --fast, help: Smooth roughly}
          channels: {type: list, of: integer, default: [1], flag: --channels, listSeparator: ",", help: Which channels}
          help: {values: ["yes", "no"], default: "no", flag: --more, help: Its name is that of an option of ours}

        """;

    private static string Page(string name) => File.ReadAllText(Path.Combine(Golden.Root, "docs/guide", name)).ReplaceLineEndings("\n");

    private static IEnumerable<(string Kind, string Text)> Blocks(string page) =>
        Regex.Matches(Page(page), "```(yaml|sh)\n(.*?)```", RegexOptions.Singleline).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    /// <summary>Blocks of yaml are files, named in their first line; each line of a shell block is a command.</summary>
    [Fact]
    public async Task Every_example_about_wrapping_does_what_it_says()
    {
        var docker = Engines.Find("docker");
        using var registry = new PrivateRegistry();
        using var bench = new CommandBench().Put("cells.tif", "cells").Put("in/a.tif", "a").Put("in/b.tif", "b");
        using var images = new OwnImages("docker");
        var name = $"{registry.Host}/lab/nuclei";
        bench.Put("nuclei.yaml", Descriptor.Replace("{{image}}", $"{name}:1.2", StringComparison.Ordinal));
        registry.Ask("docker", "tag", "yunpipe-test:latest", images.Own($"{name}:1.2"));
        registry.Ask("docker", "push", "--quiet", $"{name}:1.2");
        var (before, _) = registry.Manifest("lab/nuclei", "1.2");
        // A name of this machine's docker that is nobody else's.
        var local = $"yunpipe-guide-{Guid.NewGuid():N}";
        images.Own($"{local}:wrapped");
        images.Own($"{name}:1.2-yunpipe");

        var commands = 0;
        foreach (var (kind, text) in Blocks("wrapping.md"))
        {
            var said = text.Replace("registry/lab/nuclei", name, StringComparison.Ordinal).Replace("docker-daemon:nuclei", $"docker-daemon:{local}", StringComparison.Ordinal);
            if (kind == "yaml") bench.Put(Regex.Match(said, "^# ([\\w./-]+)\n").Groups[1].Value, said);
            else commands += await Each(said, line => Type(bench, line, registry.Environment));
        }
        commands.ShouldBeGreaterThan(12);

        foreach (var digest in docker.Ask(["images", "--digests", "--format", "{{.Repository}}@{{.Digest}}"], TimeSpan.FromSeconds(30), CancellationToken.None).Output.Split('\n'))
            if (digest.StartsWith(name + "@sha256", StringComparison.Ordinal)) images.Own(digest);
        bench.Text("results/cells_labels.tif").ShouldEndWith(" --sigma 2 --channels 1 --more no\n");
        foreach (var each in (string[])["a", "b"]) File.Exists(bench.At($"out/nuclei/{each}_labels.tif")).ShouldBeTrue();
        registry.Manifest("lab/nuclei", "original").Digest.ShouldBe(before);
        registry.Manifest("lab/nuclei", "1.2-yunpipe").Digest.ShouldNotBe(before);
        File.Exists(bench.At("nuclei.tar")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task Every_example_by_hand_does_what_it_says(string engine)
    {
        Engines.Find(engine);
        using var bench = new CommandBench();
        foreach (var file in (string[])["cells.tif", "a.tif", "b.tif", "m.tif", "-x.tif", "plate1/p.tif", "plate1/deep/q.tif"]) bench.Put(file, file);
        using var images = new OwnImages(engine);
        var name = $"localhost/yunpipe-guide-{Guid.NewGuid():N}:1";
        bench.Put("Dockerfile", "FROM yunpipe-test:latest\nCMD [\"/bin/echo\", \"its own\"]\n");
        bench.Put("nuclei.yaml", Descriptor.Replace("{{image}}", name, StringComparison.Ordinal));
        Engines.Ask(Engines.Find(engine), "build", "--quiet", "--tag", images.Own(name), bench.Root);
        images.Own($"{name}-yunpipe");
        var wrapped = await bench.Yunpipe("wrap", "nuclei.yaml", "--from", engine);
        wrapped.Exit.ShouldBe(0, wrapped.ToString());

        async Task<string> Hand(string line) => await Type(bench, line.Replace("docker ", $"{engine} ", StringComparison.Ordinal).Replace("IMAGE", $"{name}-yunpipe", StringComparison.Ordinal), new Dictionary<string, string>());
        var all = "";
        var commands = 0;
        foreach (var (_, text) in Blocks("by-hand.md")) commands += await Each(text, async line => all += await Hand(line));
        commands.ShouldBeGreaterThan(7);
        foreach (var words in (string[])["--channels", "1.2\n", "\"name\"", "its own\n"]) all.ShouldContain(words);
        File.Exists(bench.At("out/cells_labels.tif")).ShouldBeTrue();

        // The first column of the table is what stands behind the image's name, in part or whole.
        var rows = Regex.Matches(Page("by-hand.md").Split("| you write | then |")[1].Split("\n\n")[0], @"^\| `([^`|]+)` \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToList();
        rows.Count.ShouldBeGreaterThan(7);
        foreach (var row in rows) await Hand($"docker run --rm -v \"$PWD:/data\" -w /data IMAGE {(row.Contains("out/", StringComparison.Ordinal) ? "" : "a.tif out/ ")}{row}");
        foreach (var file in (string[])["a", "b", "p", "deep/q", "-x"]) File.Exists(bench.At($"out/{file}_labels.tif")).ShouldBeTrue(file);
    }

    private static async Task<int> Each(string block, Func<string, Task> type)
    {
        var lines = block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines) await type(line);
        return lines.Length;
    }

    /// <summary>Engines of a build machine have no network of their own to give.</summary>
    private static async Task<string> Type(CommandBench bench, string line, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("sh", ["-c", Regex.Replace(line, "^(docker|podman) run ", "$1 run --network none ")]) { WorkingDirectory = bench.Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["PATH"] = $"{Path.GetDirectoryName(bench.Command)}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var said = await CommandBench.End(process);
        said.Exit.ShouldBe(0, $"{line}\n{said}");
        return said.Out;
    }
}
