using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Describing;
using Yunpipe.Tests.Algorithms.Importing;

namespace Yunpipe.Tests.Algorithms.Describing;

/// <summary>A command can be shown though nobody gave a value.</summary>
public sealed class SampleTests
{
    [Theory]
    [InlineData("type: number, minimum: 0, maximum: 1", "0.5")]
    [InlineData("type: number, above: 1.5", "2")]
    [InlineData("type: number, below: -7", "-7.5")]
    [InlineData("type: integer, minimum: 10.5, maximum: 11.5", "11")]
    [InlineData("type: integer, maximum: 0", "0")]
    [InlineData("type: number, maximum: 79228162514264337593543950335", "1.5")]
    [InlineData("type: string, pattern: '[0-9]{4}'", "1234")]
    [InlineData("type: string, pattern: '(T1w|T2w)'", "T1w")]
    [InlineData("type: string, pattern: 'q{7}'", null)]
    [InlineData("values: [otsu, local]", "otsu")]
    [InlineData("type: flag", "true")]
    [InlineData("type: file", "v.dat")]
    [InlineData("type: list", "a,b")]
    [InlineData("type: list, of: integer, minimum: 5, minItems: 3", "5,6,5")]
    [InlineData("type: list, of: number, maxItems: 1", "1.5")]
    [InlineData("type: list, of: number, minItems: 2000", null)]
    [InlineData("type: file, pattern: '.*[.](ijm|txt)'", "v.ijm")]
    [InlineData("type: list, values: [x]", "x,x")]
    public void A_value_is_made_up_that_keeps_the_rules_of_its_variable(string rules, string? expected)
    {
        var algorithm = AlgorithmReader.Read($"{{name: x, command: [x, \"${{v}}\", \"${{image}}\"], inputs: image, outputs: x, variables: {{v: {{{rules}, required: true}}}}}}", "a.yaml", "").ShouldBeRead();
        var job = SampleJob.For(algorithm);
        job.Unmade.Count.ShouldBe(expected is null ? 1 : 0);
        if (expected is null) return;
        VariableValues.Resolve(algorithm, job.Values, default).Problems.ShouldBeEmpty();
        job.Values["v"].Text.ShouldBe(expected);
    }

    [Fact]
    public void Rules_between_variables_are_kept_and_what_a_person_gave_stays()
    {
        var algorithm = AlgorithmReader.Read("""
            name: x
            command: [x, "${image}", "${a}", "${b}", "${c}", "${d}", "${e}"]
            inputs: image
            outputs: x
            variables: {a: {flag: -a}, b: {flag: -b}, c: {flag: -c}, d: {type: flag, flag: -d}, e: {type: integer, flag: -e}}
            rules: [{oneOf: [a, b]}, {requires: [b, c]}, {allOrNone: [c, d, e]}]
            """, "a.yaml", "").ShouldBeRead();
        SampleJob.For(algorithm).MadeUp.Select(pair => $"{pair.Key}={pair.Value}").ShouldBe(["image=image.tif", "a=a"]);
        var job = SampleJob.For(algorithm, new Dictionary<string, VariableValue> { ["b"] = VariableValue.Of("mine") });
        job.MadeUp.Select(pair => $"{pair.Key}={pair.Value}").ShouldBe(["image=image.tif", "c=c", "d=true", "e=3"]);
        job.Values["b"].Text.ShouldBe("mine");
    }

    [Fact]
    public void Files_are_called_as_the_input_accepts_them()
    {
        string Of(string input) => SampleJob.For(AlgorithmReader.Read($"{{name: x, command: [x, \"${{image}}\"], inputs: {{image: {{{input}}}}}, outputs: x}}", "a.yaml", "").ShouldBeRead()).Inputs["image"].Aggregate((all, next) => $"{all} {next}");
        Of("accepts: ['*.ome.tif']").ShouldBe("image.ome.tif");
        Of("accepts: ['sub-*_T1w.nii.gz']").ShouldBe("sub-image_T1w.nii.gz");
        Of("accepts: ['plane??.png'], list: true").ShouldBe("plane11.png plane11.png");
        Of("accepts: ['*', '*.png']").ShouldBe("image.png");
        Of("accepts: '*.zarr', kind: directory").ShouldBe("image.zarr");
        Of("list: true").ShouldBe("image1.tif image2.tif");
    }

    public static TheoryData<string> Descriptors => [.. DescribingTests.Descriptors.Select(row => row.Data), .. ImportTests.Files().Select(row => row.Data)];

    [Theory, MemberData(nameof(Descriptors))]
    public void Every_descriptor_can_be_shown_without_a_word_given(string path)
    {
        var algorithm = path.EndsWith(".yaml", StringComparison.Ordinal) ? AlgorithmReader.Read(Path.Combine(Golden.Root, path)).OrThrow() : ImportTests.Import(path).Value;
        if (algorithm is null) return;
        foreach (var optional in (bool[])[false, true])
        {
            var job = SampleJob.For(algorithm, optionalInputs: optional);
            job.Unmade.ShouldBeEmpty();
            CommandPreview.Of(algorithm, job.Values, job.Inputs, job.Meta).Problems.Select(problem => problem.ToString()).ShouldBeEmpty();
        }
    }
}
