using System.Text;

namespace Yunpipe.Toolbox.Tests;

public sealed class HelpTests : Bench
{
    private static readonly string[] s_verbs =
    [
        "synth", "convert", "thumbnail", "blur", "denoise", "background", "average", "correct", "threshold", "segment", "measure", "concat", "montage",
    ];

    [Fact]
    public void The_help_of_the_program_and_its_verbs_is_as_agreed()
    {
        var text = new StringBuilder(Succeed("--help"));
        foreach (var verb in s_verbs)
            text.Append(Succeed(verb, "--help"));
        var golden = Path.Combine(Repository(), "tests", "Yunpipe.Toolbox.Tests", "Golden", "help.txt");
        if (Environment.GetEnvironmentVariable("YUNPIPE_GOLDEN") == "write")
            File.WriteAllText(golden, text.ToString());
        text.ToString().ShouldBe(File.ReadAllText(golden));
    }

    [Fact]
    public void The_version_is_one_line() => Succeed("--version").ShouldMatch(@"^\d+\.\d+\.\d+\S*\n$");

    [Theory]
    [InlineData("")]
    [InlineData("nope")]
    [InlineData("blur")]
    [InlineData("blur --bogus")]
    [InlineData("blur --image a.tif --out b.tif --sigma wide")]
    [InlineData("blur --image a.tif --out b.tif --sigma 2000")]
    [InlineData("denoise --image a.tif --out b.tif --method magic")]
    [InlineData("synth --out a --size 10")]
    [InlineData("montage --out b.png")]
    public void A_wrong_command_line_ends_with_code_2_and_one_sentence(string line) => Fail(2, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("nope", "yunpipe-toolbox: There is no verb “nope”. See yunpipe-toolbox --help.")]
    [InlineData("blur a.tif b.tif", "yunpipe-toolbox: “a.tif” stands alone; a file is named behind its option. See yunpipe-toolbox blur --help.")]
    [InlineData("blur --image a.tif --out b.tif --bogus", "yunpipe-toolbox: There is no option “--bogus”. See yunpipe-toolbox blur --help.")]
    public void A_word_that_means_nothing_is_told_with_what_would(string line, string sentence) => Fail(2, line.Split(' ')).TrimEnd().ShouldBe(sentence);
}
