using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms;

public class CatalogueTests
{
    private static readonly string Folder = Path.Combine(Golden.Root, "catalogue");

    /// <summary>Descriptor, variables as on the command line, and inputs; everything else is as the descriptor says.</summary>
    private static readonly (string File, string Variables, string Inputs)[] Samples =
    [
        ("imagemagick-convert", "", "image=a b.tif"),
        ("imagemagick-convert", "format=jpg resize=50% rotate=-90 depth=8 strip=off quality=80", "image=-x'y.ome.tif"),
        ("vips-thumbnail", "", "image=cells.tif"),
        ("vips-thumbnail", "width=64 height=48 crop=centre linear=on format=jpg", "image=cells.tif"),
        ("cellprofiler", "pipeline=./cells.cppipe", "images=r01c01-ch1.tiff,r01c01-ch2.tiff"),
        ("cellprofiler", "pipeline=./cells.cppipe plugins=./plugins/", "images=r01c01-ch1.tiff"),
        ("fiji-macro", "macro=./count.ijm parameter=2.5", "image=cells.czi"),
        ("cellpose", "model=./cyto3", "image=cells.tif"),
        ("cellpose", "model=s3://lab/models/nuclei diameter=0 chan=2 chan2=3 flow_threshold=0.40 exclude_on_edges=yes", "image=cells.tif"),
        ("ants-n4", "", "image=sub-01_T1w.nii.gz"),
        ("ants-n4", "iterations=20,10 spline_distance=200", "image=sub-01_T1w.nii.gz mask=sub-01_mask.nii.gz"),
    ];

    private static Algorithm Read(string file) => AlgorithmReader.Read(Path.Combine(Folder, file + ".yaml")).ShouldBeRead();

    [Fact]
    public void Every_descriptor_is_read_and_has_a_sample_here() =>
        Directory.GetFiles(Folder, "*.yaml").Select(file => Read(Path.GetFileNameWithoutExtension(file)).Name).Order(StringComparer.Ordinal)
            .ShouldBe(Samples.Select(sample => sample.File).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Command_lines_are_what_the_tools_expect()
    {
        var text = new StringBuilder();
        foreach (var (file, variables, inputs) in Samples)
        {
            var algorithm = Read(file);
            var problems = new ProblemList();
            var values = Pairs(variables).ToDictionary(pair => pair.Name, pair => VariableValues.Parse(algorithm.Variables.First(variable => variable.Name == pair.Name), pair.Value, new("sample"), problems)!);
            problems.Sorted().ShouldBeEmpty();
            var names = (file == "imagemagick-convert" ? [inputs] : inputs.Split(' ')).Select(pair => pair.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => (IReadOnlyList<string>)pair[1].Split(','));
            text.Append(CommandPreview.ToLine(CommandPreview.Of(algorithm, values, names).ShouldBeRead())).Append('\n');
        }
        Golden.Check("Algorithms/catalogue.txt", text.ToString());
    }

    [Fact]
    public void Files_of_tests_are_there()
    {
        foreach (var algorithm in Directory.GetFiles(Folder, "*.yaml").Select(file => Read(Path.GetFileNameWithoutExtension(file))))
            foreach (var file in algorithm.Tests.SelectMany(test => test.Inputs.Values).SelectMany(files => files))
                File.Exists(Path.Combine(algorithm.Directory, file)).ShouldBeTrue($"{algorithm.Name}: {file}");
    }

    [Fact]
    public void A_preview_tells_what_is_missing()
    {
        CommandPreview.Of(Read("cellpose"), null, new Dictionary<string, IReadOnlyList<string>>()).Problems.ShouldHaveSingleItem().ToString()
            .ShouldBe("cellpose: YP1041: The variable “model” of “cellpose” needs a value. It is: The trained network.");
        CommandPreview.Of(Read("vips-thumbnail"), null, new Dictionary<string, IReadOnlyList<string>>()).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP1033");
    }

    private static IEnumerable<(string Name, string Value)> Pairs(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], pair[1]));
}
