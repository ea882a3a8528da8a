using System.Text.Json;
using Yunpipe.EndToEnd.Cli;
using Yunpipe.EndToEnd.Containers;

namespace Yunpipe.EndToEnd.Scripts;

/// <summary>A scientist has a script and nothing else: from it to an image that anybody can run.</summary>
public sealed class ScriptStoryTests
{
    private const string Script = """
        # Counts nothing, but does what scripts do: imports a package and a neighbour, and reads its arguments.
        import argparse
        import shade
        import helpers

        parser = argparse.ArgumentParser(description="Makes a text darker.")
        parser.add_argument("image", help="What is made darker")
        parser.add_argument("output")
        parser.add_argument("--times", type=int, default=1, help="How often")
        parser.add_argument("--mark", choices=["!", "?"])
        parser.add_argument("--words", nargs="*", default=[])
        given = parser.parse_args()
        with open(given.image) as source, open(given.output, "w") as result:
            result.write(helpers.repeat(shade.darker(source.read()), given.times) + (given.mark or "") + " ".join(given.words))
        """;

    private const string InR = """
        library(optparse)
        options <- list(
          make_option(c("-i", "--image"), type = "character", help = "What is measured"),
          make_option("--output", type = "character", default = "stats.csv"),
          make_option(c("-t", "--threshold"), type = "double", default = 0.5, help = "From 0 to 1"),
          make_option("--log", action = "store_true", default = FALSE)
        )
        source("shared.R")
        parsed <- parse_args(OptionParser(option_list = options, description = "Measures an image."))
        """;

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_script_with_requirements_is_built_wrapped_and_run(string engine)
    {
        var asked = Engines.Find(engine);
        var name = $"darker-{Guid.NewGuid():N}"[..20];
        using var bench = new CommandBench().Put($"{name}.py", Script).Put("helpers.py", "def repeat(text, times):\n    return text * times\n").Put("requirements.txt", "shade>=1.0\n").Put("a.txt", "image a\n").Put("huge/unrelated.bin", "not for the image");
        try
        {
            var made = await bench.Yunpipe("algorithm", "new", $"{name}.py", "--requirements", "requirements.txt", "--base", "yunpipe-test-python:latest", "--build", "--engine", engine, "--json");
            made.Exit.ShouldBe(0, made.ToString());
            var documents = made.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            documents[0].GetProperty("files").EnumerateArray().Select(file => Path.GetFileName(file.GetString())).ShouldBe([$"{name}.yaml", "Dockerfile"]);
            documents[^1].GetProperty("image").GetString().ShouldNotBeNull().ShouldContain($"{name}:latest-yunpipe");
            bench.Text("Dockerfile").ShouldContain("COPY [\"helpers.py\", \"/app/helpers.py\"]\n");
            made.Error.ShouldContain("Successfully installed shade-1.2");

            var place = $"{(engine == "docker" ? "docker-daemon" : "podman")}:{name}:latest-yunpipe";
            var once = await bench.Yunpipe("algorithm", "run", place, "a.txt", "-o", "results", "--times", "2", "--words", "x,y", "--launcher", engine);
            once.Exit.ShouldBe(0, once.ToString());
            bench.Text("results/a_result.tif").ShouldBe("IMAGE A\nIMAGE A\nx y");
            (await bench.Yunpipe("algorithm", "run", place, "--help")).Out.ShouldContain("How often");
        }
        finally
        {
            foreach (var tag in (string[])["latest-yunpipe", "latest"]) _ = asked.Ask(["rmi", "--force", $"{name}:{tag}"], TimeSpan.FromSeconds(60), CancellationToken.None);
        }
    }

    [Fact]
    public async Task An_image_that_cannot_be_built_says_so_with_the_engines_own_words()
    {
        Engines.Find("docker");
        using var bench = new CommandBench().Put("darker.py", Script).Put("requirements.txt", "no-such-package\n");
        var made = await bench.Yunpipe("algorithm", "new", "darker.py", "--requirements", "requirements.txt", "--base", "yunpipe-test-python:latest", "--build", "--engine", "docker", "--quiet");
        made.Exit.ShouldBe(2, made.ToString());
        made.Error.ShouldContain("No matching distribution found for no-such-package");
        made.Error.ShouldContain("YP4109: docker could not build the image: see its words above. The same by hand: docker build --tag darker:latest ");
        File.Exists(bench.At("darker-image.yaml")).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_an_engine_the_descriptor_is_there_and_a_plain_word_says_what_is_not()
    {
        using var bench = new CommandBench().Put("stats.R", InR).Put("shared.R", "");
        var bare = new Dictionary<string, string> { ["PATH"] = "/nowhere" };
        var made = await bench.Yunpipe("algorithm", "new", "stats.R");
        made.Exit.ShouldBe(0, made.ToString());
        made.Error.ShouldContain("No image is built: say --build to make one. The descriptor runs the script as it is on this machine.");
        bench.Text("stats.yaml").ShouldBe("""
            name: stats
            description: Measures an image.
            command: [Rscript, stats.R, "${image}", "--output", "${out}/${stem}_result.csv", "${threshold}", "${log}"]
            inputs:
              image: {flag: "--image"}
            outputs: {result: "${stem}_result.csv"}
            variables:
              threshold: {type: number, default: 0.5, help: From 0 to 1, flag: "--threshold"}
              log: {type: flag, flag: "--log"}
            files: [stats.R, shared.R]

            """);
        bench.Text("Dockerfile").ShouldStartWith("FROM r-base:4.4.1\n");
        var failed = await bench.Yunpipe(bare, "algorithm", "new", "stats.R", "--build");
        failed.Exit.ShouldBe(2, failed.ToString());
        failed.Error.ShouldContain("YP4113: No container engine answers, so that no image can be built. Install docker or podman; the descriptor runs without an image too.");
        (await bench.Yunpipe("algorithm", "new", "stats.R", "--base", "Not An Image")).Error.ShouldContain("--base: YP5000: “Not An Image” is not the name of an image");
    }
}
