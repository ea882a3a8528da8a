using System.Text;
using Yunpipe.EndToEnd.Cli;

namespace Yunpipe.EndToEnd.Verbs;

/// <summary>Files that mean harm, given to the published command with little memory: one clear line with a code each, and never a bug or a death.</summary>
public sealed class HostileFilesTests
{
    /// <summary>As hexadecimal. The largest document that is read at all has 10 MB, and is read into text and nodes.</summary>
    private const string Heap = "0x18000000";

    private static readonly (string Name, string Code, Func<byte[]> Content)[] Files =
    [
        ("large.json", "YP1003", () => Text("{\"command-line\": \"" + new string('x', 10_000_001) + "\"}")),
        ("many.json", "YP1003", () => Text("[" + string.Concat(Enumerable.Repeat("1,", 4_900_000)) + "1]")),
        ("deep.json", "YP1006", () => Text(string.Concat(Enumerable.Repeat("{\"a\":", 1_900_000)))),
        ("deep.yaml", "YP1006", () => Text(new string('[', 9_000_000))),
        ("deeper.cwl", "YP1006", () => Text(string.Concat(Enumerable.Range(0, 3_000).Select(i => new string(' ', i) + "a:\n")))),
        ("bomb.yaml", "YP1008", () => Text("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n")))),
        ("self.yaml", "YP1008", () => Text("name: x\ncommand: &c [x, *c]\n")),
        ("twice.json", "YP1007", () => Text("{\"name\": \"x\", \"name\": \"y\", \"command-line\": \"z\", \"inputs\": []}")),
        ("latin.yaml", "YP1004", () => [.. "name: caf"u8, 0xE9, .. "\ncommand: [x]\n"u8]),
        ("wide.json", "YP1004", () => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("{}")]),
        ("bytes.json", "YP1004", () => [.. Enumerable.Range(0, 256).Select(i => (byte)i)]),
        ("prose.json", "YP1005", () => Text("This is not JSON.")),
        ("empty.yaml", "YP1002", () => []),
        ("pattern.yaml", "YP1027", () => Text("name: x\ncommand: [x, \"${v}\"]\nvariables: {v: {pattern: '((((a{1000}){1000}){1000}){1000})'}}\n")),
    ];

    [Fact]
    public async Task Each_is_one_line_with_a_code_in_little_memory()
    {
        using var bench = new CommandBench();
        var little = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = Heap };
        foreach (var (name, code, content) in Files)
        {
            await File.WriteAllBytesAsync(bench.At(name), content());
            foreach (var verb in (string[][])[["algorithm", "validate", name], ["algorithm", "import", name], ["workflow", "import", name], ["algorithm", "describe", "--from", name, "--yes"], ["algorithm", "preview", "./" + name]])
            {
                // A descriptor of ours, and a pattern in it, are nothing that an import reads.
                if (name == "pattern.yaml" && verb[1] == "import") continue;
                var said = await bench.Yunpipe(little, verb);
                said.Exit.ShouldBe(2, $"{name}: {string.Join(' ', verb)}\n{said}");
                said.Error.ShouldContain($": {code}: ", Case.Sensitive, $"{name}: {string.Join(' ', verb)}\n{said}");
                said.All.Length.ShouldBeLessThan(2_000);
            }
            File.Delete(bench.At(name));
        }
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
