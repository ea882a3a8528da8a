using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms;

public class AlgorithmReaderTests
{
    internal const string Nuclei = """
        name: nuclei-segment
        version: 1.2.0
        image: registry/lab/nuclei:1.2
        command: [python, /app/segment.py, --in, "${image}", --sigma, "${sigma}", --model, "${model}", --out, "${out}/${stem}_labels.tif"]
        inputs:  {image: {accepts: ["*.tif", "*.ome.tif"]}}
        outputs: {labels: "${stem}_labels.tif", qc: {path: "*.png", required: false}}
        variables:
          sigma: {type: number, default: 1.50, minimum: 0, maximum: 10, help: "Smoothing before the threshold, in pixels"}
          model: {type: file, default: ./model.pt}
        resources: {cpu: 2, memory: {minimum: 1 GiB, suggested: 2 GiB}, gpu: 0, disk: 10 GiB, shm: 64 MiB, timeout: 10 min}
        exitCodes: {3: {kind: permanent, says: The image holds no nuclei}}
        """;

    internal static Algorithm Read(string text) => AlgorithmReader.Read(text, "a.yaml", "").ShouldBeRead();

    [Fact]
    public void The_example_of_the_data_model_is_read_whole()
    {
        var algorithm = Read(Nuclei);
        algorithm.Name.ShouldBe("nuclei-segment");
        algorithm.Version.ShouldBe("1.2.0");
        algorithm.Image.ShouldBe("registry/lab/nuclei:1.2");
        algorithm.Command.Tokens.Count.ShouldBe(10);
        algorithm.Inputs.ShouldHaveSingleItem().Accepts.ShouldBe(["*.tif", "*.ome.tif"]);
        algorithm.Outputs.Select(output => (output.Name, output.Path.Source, output.Required)).ShouldBe([("labels", "${stem}_labels.tif", true), ("qc", "*.png", false)]);
        algorithm.Variables[0].Default.ShouldBe(VariableValue.Of("1.5"));
        algorithm.Variables[0].Maximum.ShouldBe(10);
        algorithm.Variables[1].Default!.Text.ShouldBe("./model.pt");
        algorithm.Resources.ShouldBe(new Resources
        {
            Cpu = 2, MemoryMinimum = new(1L << 30), MemorySuggested = new(2L << 30), Gpu = 0, Disk = new(10L << 30), SharedMemory = ByteSize.MiB(64), Timeout = TimeSpan.FromMinutes(10),
        });
        algorithm.ExitCodes[3].ShouldBe(new ExitMeaning(ExitKind.Permanent, "The image holds no nuclei"));
    }

    [Fact]
    public void The_shortest_algorithm_is_a_name_a_command_and_an_input()
    {
        var algorithm = Read("name: copy\ncommand: cp ${image} ${out}/copy.tif\ninputs: image\noutputs: copy.tif\n");
        algorithm.Command.Tokens.Select(token => token.Source).ShouldBe(["cp", "${image}", "${out}/copy.tif"]);
        algorithm.Inputs.ShouldHaveSingleItem().Name.ShouldBe("image");
        algorithm.Outputs.ShouldHaveSingleItem().Name.ShouldBe("image");
        algorithm.Image.ShouldBeNull();
    }

    [Theory]
    [InlineData("inputs: [image]")]
    [InlineData("inputs: {image: }")]
    [InlineData("inputs: {image: {}}")]
    [InlineData("inputs:\n  image:")]
    public void An_input_may_be_just_its_name(string inputs) =>
        Read($"name: copy\ncommand: cp $image $out\n{inputs}").Inputs.ShouldHaveSingleItem().ShouldBe(new InputPort("image", []), InputPorts);

    [Theory]
    [InlineData("inputs: {image: '*.tif'}", "*.tif")]
    [InlineData("inputs: {image: ['*.tif', '*.png']}", "*.tif *.png")]
    [InlineData("inputs: {image: {accepts: '*.tif'}}", "*.tif")]
    public void An_input_may_be_just_its_globs(string inputs, string globs) =>
        string.Join(' ', Read($"name: copy\ncommand: cp $image $out\n{inputs}").Inputs.ShouldHaveSingleItem().Accepts).ShouldBe(globs);

    [Theory]
    [InlineData("memory: 2 GiB", 2048, 2048)]
    [InlineData("memory: {minimum: 1 GiB}", 1024, 1024)]
    [InlineData("memory: {suggested: 1 GiB}", 0, 1024)]
    [InlineData("memory: {minimum: 1 GiB, suggested: 2 GiB}", 1024, 2048)]
    public void Memory_is_one_size_or_two(string memory, int minimum, int suggested)
    {
        var resources = Read($"name: x\ncommand: [x]\nresources: {{{memory}}}").Resources;
        resources.MemoryMinimum.ShouldBe(ByteSize.MiB(minimum));
        resources.MemorySuggested.ShouldBe(ByteSize.MiB(suggested));
    }

    [Fact]
    public void Ports_rules_retry_tests_and_environment_are_read()
    {
        var algorithm = Read(AlgorithmTexts.Rich);
        algorithm.Inputs[0].Path.ShouldBe("/data/moving.nii.gz");
        algorithm.Inputs[1].List.ShouldBeTrue();
        algorithm.Inputs[2].Directory.ShouldBeTrue();
        algorithm.Outputs[0].ShouldBe(new OutputPort("warp", Template.Parse("${key}/warp*.nii.gz"), Each: true, Minimum: new ByteSize(1024)));
        algorithm.Outputs[2].Directory.ShouldBeTrue();
        algorithm.Rules.Select(rule => $"{rule.Kind} {string.Join(',', rule.Variables)}").ShouldBe(["OneOf a,b", "AtLeastOne a,c", "Requires b,c", "AtMostOne a,d", "AllOrNone d,e", "Requires q=high,c"]);
        algorithm.Environment["THREADS"].Names.ShouldBe(["cpu"]);
        algorithm.Isolation.ShouldBe(Isolation.Job);
        algorithm.Network.ShouldBeTrue();
        algorithm.Files.ShouldBe(["reg.py", "lib/x.py"]);
        algorithm.Retry.ShouldBe(new RetryPolicy(5, TimeSpan.FromSeconds(10), 1.5));
        algorithm.ExitCodes[2].ShouldBe(new ExitMeaning(ExitKind.Permanent, "Not an image"));
        algorithm.ExitCodes[75].Kind.ShouldBe(ExitKind.Transient);
        algorithm.Tests[0].Inputs["slices"].ShouldBe(["b", "c"]);
        algorithm.Tests[0].Variables["c"].Items.ShouldBe(["1", "2"]);
        algorithm.Tests[1].ExitCode.ShouldBe(2);
        algorithm.Tests[1].Name.ShouldBe("test 2");
    }

    [Fact]
    public void A_file_is_read_relative_to_its_folder()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        File.WriteAllText(Path.Combine(folder, "a.yaml"), "name: x\ncommand: [x]");
        AlgorithmReader.Read(Path.Combine(folder, "a.yaml")).ShouldBeRead().Directory.ShouldBe(folder);
        AlgorithmReader.Read(Path.Combine(folder, "none.yaml")).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP1001");
        AlgorithmReader.Read(folder).Problems.ShouldHaveSingleItem().Message.ShouldBe("This is a folder, not a file.");
    }

    private static readonly IEqualityComparer<InputPort> InputPorts = EqualityComparer<InputPort>.Create((a, b) => a! with { Accepts = [], Extensions = [] } == b! with { Accepts = [], Extensions = [] }, _ => 0);
}
