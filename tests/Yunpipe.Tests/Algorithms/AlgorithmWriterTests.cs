using CsCheck;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms;

public class AlgorithmWriterTests
{
    private static readonly Gen<string> Name = Gen.String[Gen.Char["abcxyz"], 1, 6];
    private static readonly Gen<string> Prose = Gen.String[Gen.Char["ab 1:#-'\"\\{}[],\n\té€.~"], 0, 12];
    private static readonly Gen<ByteSize> Size = Gen.OneOf(Gen.Int[0, 4096].Select(mib => ByteSize.MiB(mib + 1)), Gen.Long[1 << 20, 1L << 40].Select(bytes => new ByteSize(bytes)));

    private static readonly Gen<Resources> AnyResources = Gen.Select(Gen.Int[1, 6400], Size, Size, Gen.Int[0, 8], Gen.Int[0, 100_000_000], Gen.Int[1, 9999]).Select((cpu, a, b, gpu, ms, pids) => new Resources
    {
        Cpu = cpu / 100.0, MemoryMinimum = a < b ? a : b, MemorySuggested = a < b ? b : a, Gpu = gpu, Disk = b, SharedMemory = a, Timeout = TimeSpan.FromMilliseconds(ms), Pids = pids, Machines = gpu > 0 ? [$"g{gpu}.xlarge", "p4d.24xlarge"] : [],
    });

    private static readonly Gen<Variable> AnyVariable = Gen.OneOf(
        Gen.Select(Prose, Prose).Select((text, help) => new Variable { Name = "v", Default = VariableValue.Of(text), Help = help }),
        Gen.Select(Gen.Decimal[-1000, 1000], Prose).Select((number, text) => new Variable
        {
            Name = "v", Type = VariableType.Number, Minimum = -1000, Maximum = 1000, Default = VariableValue.Of(Canonical(number)), Flag = "--v", Separator = text.Length > 3 ? "=" : null,
        }),
        Prose.Array[0, 4].Select(items => new Variable { Name = "v", Type = VariableType.List, Default = new VariableValue(items, true), ListSeparator = items.Length > 2 ? "," : null }),
        Gen.Bool.Select(on => new Variable { Name = "v", Type = VariableType.Flag, Flag = "-v", Default = VariableValue.Of(on ? "true" : "false") }),
        Name.Array[1, 4].Select(words => new Variable { Name = "v", Type = VariableType.Enum, Values = [.. words.Distinct()], Default = VariableValue.Of(words[0]), Required = false }),
        Gen.Const(new Variable { Name = "v", Type = VariableType.File, Required = true, Pattern = ".*[.]pt" }));

    private static readonly Gen<Algorithm> AnyAlgorithm =
        Gen.Select(Prose, Name.Array[1, 3], AnyResources, AnyVariable, Gen.Bool.Array[6], Prose.Array[0, 3]).Select((prose, names, resources, variable, choices, texts) => new Algorithm
        {
            Name = names[0], Version = prose, Description = prose, Image = choices[0] ? "lab/x:1" : null,
            Command = new([Template.Parse("run"), Template.Parse("${in-put}"), Template.Parse("$v"), .. texts.Select(Template.Parse)]),
            Inputs = [new InputPort("in-put", [.. texts], Path: choices[1] ? "/data/x" : null, Directory: choices[2]), new InputPort("more", [], List: true, Required: false)],
            Outputs = [new OutputPort("image", Template.Parse("${stem}.x"), choices[3], choices[4], new ByteSize(texts.Length * 1000), choices[5])],
            Variables = [variable],
            Resources = resources,
            ExitCodes = new Dictionary<int, ExitMeaning> { [9] = new(ExitKind.Transient, prose), [3] = new(ExitKind.Success, "") },
            Environment = texts.Select((text, i) => ($"X{i}", Template.Parse(text))).ToDictionary(),
            Isolation = choices[0] ? Isolation.Job : Isolation.Worker, Network = choices[1], Files = [.. names],
            Retry = new RetryPolicy(names.Length, resources.Timeout, 1 + texts.Length / 4.0),
        });

    private static string Canonical(decimal number) =>
        NumberText.TryCanonical(number.ToString(System.Globalization.CultureInfo.InvariantCulture), out var text) ? text : throw new InvalidOperationException();

    private static string Show(Algorithm algorithm) => Dump.Of(algorithm, "Source", "Directory");

    [Fact]
    public void What_is_written_reads_back_the_same() => AnyAlgorithm.Sample(algorithm =>
    {
        Show(AlgorithmReader.Read(AlgorithmWriter.ToJson(algorithm), "x.json", "").ShouldBeRead()).ShouldBe(Show(algorithm));
        Show(AlgorithmReader.Read(AlgorithmWriter.ToYaml(algorithm), "x.yaml", "").ShouldBeRead()).ShouldBe(Show(algorithm));
    });

    [Fact]
    public void An_algorithm_with_every_key_reads_back_the_same()
    {
        var algorithm = AlgorithmReaderTests.Read(AlgorithmTexts.Rich);
        Show(AlgorithmReader.Read(AlgorithmWriter.ToYaml(algorithm), "x.yaml", "").ShouldBeRead()).ShouldBe(Show(algorithm));
        Show(AlgorithmReader.Read(AlgorithmWriter.ToJson(algorithm, indented: true), "x.json", "").ShouldBeRead()).ShouldBe(Show(algorithm));
    }

    [Fact]
    public void The_label_of_an_image_is_one_line_of_json_and_the_file_is_readable_yaml()
    {
        var algorithm = AlgorithmReaderTests.Read(AlgorithmReaderTests.Nuclei);
        AlgorithmWriter.ToJson(algorithm).ShouldNotContain('\n');
        Golden.Check("Algorithms/nuclei.json", AlgorithmWriter.ToJson(algorithm, indented: true));
        Golden.Check("Algorithms/nuclei.yaml", AlgorithmWriter.ToYaml(algorithm));
    }

    [Fact]
    public void Spelling_order_and_comments_do_not_change_the_bytes()
    {
        var a = AlgorithmReaderTests.Read("name: x\ncommand: x ${v}\nvariables: {v: {type: number, default: 1.50}}\nenvironment: {A: 1, B: 2}\n");
        var b = AlgorithmReaderTests.Read("# same\nenvironment: {B: '2', A: '1'}\nvariables:\n  v: {default: 15e-1, type: number}\ncommand: [x, $v]\nname: x\n");
        AlgorithmWriter.ToJson(a with { Command = b.Command }).ShouldBe(AlgorithmWriter.ToJson(b));
    }
}
