using System.Diagnostics;
using CsCheck;
using Yunpipe.Algorithms;

namespace Yunpipe.Tests.Algorithms;

public class CommandSplitterTests
{
    [Theory]
    [InlineData("a b  c", "a|b|c")]
    [InlineData("a 'b c' \"d e\" f\\ g", "a|b c|d e|f g")]
    [InlineData("a '' \"\"", "a||")]
    [InlineData("a'b'\"c\"d", "abcd")]
    [InlineData("a \"x\\\"y\\z\"", "a|x\"y\\z")]
    [InlineData("a \\\n b", "a|b")]
    [InlineData("a '\\' b", "a|\\|b")]
    [InlineData("a ${image} \"${out}/x y.tif\" $stem", "a|${image}|${out}/x y.tif|$stem")]
    [InlineData("a \\$x \"\\$x\"", "a|$$x|$$x")]
    [InlineData("a x#y '#'", "a|x#y|#")]
    [InlineData("a 'x | y; z > w'", "a|x | y; z > w")]
    public void A_line_is_split_as_a_shell_would(string line, string words)
    {
        CommandSplitter.Split(line, out var flaw)!.ShouldBe(words.Split('|').Length == 3 && line.Contains("x | y") ? ["a", "x | y; z > w"] : words.Split('|'));
        flaw.ShouldBeNull();
    }

    [Theory]
    [InlineData("a | b")]
    [InlineData("a > b")]
    [InlineData("a; b")]
    [InlineData("a && b")]
    [InlineData("a $(b)")]
    [InlineData("a `b`")]
    [InlineData("a # b")]
    [InlineData("a (b)")]
    public void What_only_a_shell_can_do_is_refused(string line)
    {
        CommandSplitter.Split(line, out var flaw).ShouldBeNull();
        flaw!.ShouldContain("no shell runs this");
    }

    [Fact]
    public void A_real_shell_splits_the_same()
    {
        Gen.String[Gen.Char["ab '\"\\"], 0, 12].Sample(line =>
        {
            if (CommandSplitter.Split(line, out _) is not { } words) return;
            using var shell = Process.Start(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", $"printf '%s\\001' x {line}" }, RedirectStandardOutput = true })!;
            shell.StandardOutput.ReadToEnd().Split('\u0001')[1..^1].ShouldBe(words);
        }, iter: 300);
    }
}
