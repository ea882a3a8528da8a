using System.Text;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>The editor of descriptors, in a real terminal and without one.</summary>
public sealed class DescribeTests
{
    [Fact]
    public async Task From_a_command_to_a_descriptor_with_mistakes_second_thoughts_a_narrow_window_and_an_interruption()
    {
        using var bench = new CommandBench();
        using var screen = Open(bench);
        var transcript = new StringBuilder();
        void Note(string what) => transcript.Append("--- ").AppendLine(what).AppendLine(Text(screen)).AppendLine();

        screen.Type($"{bench.Command} algorithm describe");
        await screen.Shows("Which image holds the program?");
        screen.Type("Lab/Nuclei:1");
        await screen.Shows("This is not the name of an image");
        Note("an image's name that is none");
        screen.Key("C-u");
        screen.Type("lab/nuclei:1.2");
        await screen.Shows("What does the command look like?");
        screen.Type("segment $input | tee log");
        await screen.Shows("no shell runs this");
        screen.Key("C-u");
        screen.Type("segment $input --sigma $sigma $output.png");
        await screen.Shows("What is $input?");
        Note("what the placeholders are");
        foreach (var next in new[] { "What is $sigma?", "What is $output?", "Which files can be $input?" })
        {
            screen.Key("Enter");
            await screen.Shows(next);
        }
        screen.Type("*.tif *.png");
        await screen.Shows("Is $input one file?");

        // Second thoughts: four questions back, another command, and what was answered stays answered.
        foreach (var before in new[] { "Which files can be $input?", "What is $output?", "What is $sigma?", "What is $input?", "What does the command look like?" })
        {
            screen.Key("Up");
            await screen.Shows(before);
        }
        screen.Key("End");
        screen.Type(" --verbose $verbose");
        await screen.Shows("What is $input?");
        screen.Resize(50, 16);
        await screen.Shows("Enter next · Tab choose · ↑ back · ↓ on · Ctrl-D…");
        screen.Lines().ShouldAllBe(line => line.Length <= 50);
        screen.Resize(90, 30);
        await screen.Shows("Ctrl-C stop, kept");
        screen.Key("C-c");
        await screen.Shows("Your answers are kept");
        File.Exists(bench.At("nuclei.yaml")).ShouldBeFalse();

        screen.Type("clear");
        screen.Type($"{bench.Command} algorithm describe");
        await screen.Shows("--verbose $verbose");
        Note("after an interruption");
        for (var i = 0; i < 14 && !screen.Text().Contains("What kind of value is $sigma?", StringComparison.Ordinal); i++) await Step(screen);
        await Step(screen);
        screen.Type("twelve");
        await screen.Shows("wants a number");
        Note("a default that is no number");
        screen.Key("C-u");
        screen.Type("1.5");
        await screen.Shows("Between which numbers");
        screen.Type("0..10");
        await screen.Shows("What does $sigma do?");
        screen.Type("Smoothing, in pixels");
        await screen.Shows("What kind of value is $verbose?");
        screen.Key("C-d");
        await screen.Shows("sigma: {type: number, default: 1.5, minimum: 0, maximum: 10");
        screen.Key("C-d");
        for (var i = 0; i < 30 && !screen.Text().Contains("Write this to", StringComparison.Ordinal); i++) await Step(screen);
        Note("the document");
        screen.Key("Enter");
        await screen.Shows("Wrote nuclei.yaml.");
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/describe-transcript.txt", transcript.ToString());
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/describe-nuclei.yaml", bench.Text("nuclei.yaml"));

        // What is finished is not offered again.
        screen.Type("clear");
        screen.Type($"{bench.Command} algorithm describe");
        await screen.Shows("question 1 of 14");
        screen.Key("C-c");
        await screen.Shows("Nothing is written");
    }

    [Fact]
    public async Task Without_a_terminal_every_answer_is_an_option()
    {
        using var bench = new CommandBench();
        var said = await bench.Yunpipe("algorithm", "describe", "--command", "python3 count.py $image $output.csv", "-a", "input.image.accepts=*.tif", "-a", "version=1.0.0", "-a", "exits=3=The image is empty");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Text("count.yaml").ShouldBe("""
            name: count
            version: "1.0.0"
            command: [python3, count.py, "${image}", "${out}/${stem}_result.csv"]
            inputs:
              image: {accepts: ["*.tif"]}
            outputs: {output: "${stem}_result.csv"}
            exitCodes:
              "3": {kind: permanent, says: The image is empty}
            files: [count.py]

            """);
        var again = await bench.Yunpipe("algorithm", "describe", "--command", "python3 count.py $image $output.csv");
        again.Exit.ShouldBe(2);
        again.Error.ShouldContain("YP5004: “count.yaml” is there already, and says something else. Write to another file with -o, or say --yes.");
        (await bench.Yunpipe("algorithm", "describe", "--from", "count.yaml", "-a", "variable.nothing.type=number")).Error.ShouldContain("YP1450: “variable.nothing.type” is not asked.");
        (await bench.Yunpipe("algorithm", "describe", "--from", "count.yaml", "-a", "description=Counts")).Exit.ShouldBe(0);
        bench.Text("count.yaml").ShouldContain("description: Counts\n");
        bench.Text("count.yaml").ShouldContain("says: The image is empty");
    }

    [Fact]
    public async Task What_is_missing_or_wrong_is_told_all_at_once()
    {
        using var bench = new CommandBench();
        var said = await bench.Yunpipe("algorithm", "describe", "-a", "memory=lots", "-a", "name=my algorithm");
        said.Exit.ShouldBe(2);
        said.Error.ShouldContain("--answer command=: YP1451: This needs an answer. Say it with --command.");
        said.Error.ShouldContain("--answer memory=lots: YP1451: A size such as 2 GiB is wanted");
        said.Error.ShouldContain("--answer name=my algorithm: YP1451: A name starts with a letter or digit");
        Directory.GetFiles(bench.Root, "*.yaml").ShouldBeEmpty();
    }

    private static Screen Open(CommandBench bench) => new(bench, 90, 30, "XDG_STATE_HOME=" + bench.At("state"));

    /// <summary>Takes an answer as it stands, and waits for the next question.</summary>
    private static async Task Step(Screen screen)
    {
        var before = screen.Text();
        screen.Key("Enter");
        await CommandBench.Until(() => screen.Text() != before, $"Nothing happens:\n{before}");
    }

    private static string Text(Screen screen) => string.Join('\n', screen.Lines().Select(line => line.TrimEnd())).TrimEnd();
}
