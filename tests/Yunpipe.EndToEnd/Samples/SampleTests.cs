using Yunpipe.EndToEnd.Containers;

namespace Yunpipe.EndToEnd.Samples;

/// <summary>The samples, run as their READMEs say, and measured against the truth that made their images.</summary>
public sealed class SampleTests
{
    private static readonly string Root = Tests.Golden.Root;

    private static int[] Counts(string csv, string column) => [.. Rows(csv).Select(row => int.Parse(row[column]))];

    private static List<Dictionary<string, string>> Rows(string csv)
    {
        var lines = File.ReadAllLines(csv);
        var header = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => header.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second))];
    }

    [Theory, InlineData(1), InlineData(7)]
    public void Nuclei_are_counted_within_five_percent_of_the_truth(int seed)
    {
        using var scratch = new ScratchFolder();
        Shell.Do("yunpipe-toolbox", scratch.Root, "synth", "--out", "in", "--truth", "truth", "--count", "12", "--seed", $"{seed}");
        Shell.Do("yunpipe", scratch.Root, "run", Path.Combine(Root, "samples/nuclei/workflow.yaml"), "--input", "in", "--output", "out", "--launcher", "process");
        var truth = Rows(Path.Combine(scratch.Root, "truth/truth.csv")).Sum(row => int.Parse(row["count"]));
        var found = Rows(Path.Combine(scratch.Root, "out/table/all.csv")).Count;
        truth.ShouldBeGreaterThan(100);
        ((double)found).ShouldBe(truth, truth * 0.05);
        new FileInfo(Path.Combine(scratch.Root, "out/overview/all.png")).Length.ShouldBeGreaterThan(1000);
        Directory.GetFiles(Path.Combine(scratch.Root, "out/segment")).Length.ShouldBe(12);
    }

    [Fact]
    public void A_plate_is_evened_out_and_measured_site_by_site()
    {
        using var scratch = new ScratchFolder();
        Shell.Do("yunpipe-toolbox", scratch.Root, "synth", "--layout", "plate", "--plates", "2", "--wells", "2x3", "--sites", "2", "--channels", "dna,er", "--out", "in", "--truth", "truth", "--seed", "1");
        Shell.Do("yunpipe", scratch.Root, "run", Path.Combine(Root, "samples/plate/workflow.yaml"), "--input", "in", "--output", "out", "--launcher", "process");
        var truth = Rows(Path.Combine(scratch.Root, "truth/truth.csv")).Sum(row => int.Parse(row["count"]));
        var tables = Directory.GetFiles(Path.Combine(scratch.Root, "out/table"), "*.csv", SearchOption.AllDirectories);
        tables.Length.ShouldBe(2);
        ((double)tables.Sum(table => Rows(table).Count)).ShouldBe(truth, truth * 0.05);
        var again = Shell.Run("yunpipe", scratch.Root, "run", Path.Combine(Root, "samples/plate/workflow.yaml"), "--input", "in", "--output", "out", "--launcher", "process", "--json");
        again.Exit.ShouldBe(0);
        again.Output.ShouldNotContain("\"how\":\"ran\"");
    }

    [Theory, InlineData("podman"), InlineData("docker")]
    public void The_toolbox_in_a_container_gives_the_bytes_of_the_toolbox_on_the_host(string name)
    {
        var engine = Engines.Find(name);
        if (!engine.Ask(["image", "inspect", "yunpipe-toolbox:test"], TimeSpan.FromSeconds(20), CancellationToken.None).Ok)
            Assert.Skip($"{name} does not hold yunpipe-toolbox:test; make it: dotnet run build.cs -- image {name}");
        using var scratch = new ScratchFolder();
        Shell.Do("yunpipe-toolbox", scratch.Root, "synth", "--out", "in", "--truth", "truth", "--count", "3", "--seed", "3");
        var steps = (string image) => $"input: ./in\nsteps:\n  - {{name: denoise, algorithm: denoise{image}}}\n  - {{name: segment, algorithm: segment{image}}}\n  - {{name: measure, algorithm: measure, inputs: {{labels: segment, image: input}}{image}}}\n";
        File.WriteAllText(Path.Combine(scratch.Root, "host.yaml"), steps(""));
        File.WriteAllText(Path.Combine(scratch.Root, "boxed.yaml"), steps(", image: 'yunpipe-toolbox:test'"));
        Shell.Do("yunpipe", scratch.Root, "run", "host.yaml", "--output", "host", "--launcher", "process");
        Shell.Do("yunpipe", scratch.Root, "run", "boxed.yaml", "--output", "boxed", "--launcher", name);
        var files = Directory.GetFiles(Path.Combine(scratch.Root, "host"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Path.Combine(scratch.Root, "host"), file))
            .Where(file => file.StartsWith("denoise/") || file.StartsWith("segment/") || file.StartsWith("measure/")).ToList();
        files.Count.ShouldBe(9);
        foreach (var file in files) File.ReadAllBytes(Path.Combine(scratch.Root, "boxed", file)).ShouldBe(File.ReadAllBytes(Path.Combine(scratch.Root, "host", file)), file);
    }
}
