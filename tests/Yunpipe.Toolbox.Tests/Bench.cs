using System.Runtime.CompilerServices;
using NetVips;
using Yunpipe.Toolbox.Images;
using Yunpipe.Toolbox.Pixels;

namespace Yunpipe.Toolbox.Tests;

/// <summary>A folder that goes away with the test, the program run in this process, and images made from numbers.</summary>
public abstract class Bench : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("yunpipe-toolbox-");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string In(string name) => Path.Combine(_folder.FullName, name);

    protected static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = Toolbox.Run(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    protected static string Succeed(params string[] arguments)
    {
        var (code, output, error) = Run(arguments);
        (code, error).ShouldBe((0, ""));
        return output;
    }

    protected static string Fail(int code, params string[] arguments)
    {
        var (got, _, error) = Run(arguments);
        got.ShouldBe(code, error);
        error.TrimEnd('\n').ShouldNotContain('\n');
        error.ShouldStartWith("yunpipe-toolbox: ");
        return error;
    }

    /// <summary>Makes images with a known count of cells; returns the paths and the counts.</summary>
    protected (string Path, int Count)[] Synth(params string[] options)
    {
        Succeed(["synth", "--out", In("synth"), .. options]);
        return [.. File.ReadLines(In("synth/truth.csv")).Skip(1).Select(line => line.Split(','))
            .Select(row => (In("synth/" + row[0]), int.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture)))];
    }

    protected string Save(string name, int width, Func<int, int, double> value, int height = 0, Enums.BandFormat format = Enums.BandFormat.Ushort)
    {
        height = height == 0 ? width : height;
        var pixels = new float[width * height];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (float)value(i % width, i / width);
        ImageWriter.Write(new Plane(width, height, pixels).ToImage().As(format), In(name));
        return In(name);
    }

    internal static Plane Load(string path, int page = 0) => Plane.From(new ImageReader(long.MaxValue).Read(path, new Page(page)));

    internal static Image Open(string path, int page = 0) => new ImageReader(long.MaxValue).Read(path, new Page(page));

    internal static int Objects(string labels) => Labels.From(Open(labels)).Pixels.Max();

    /// <summary>A real image, or a skipped test where the folder of shared images is absent.</summary>
    protected static string Shared(string name)
    {
        var root = Environment.GetEnvironmentVariable("YUNPIPE_SHARED") ?? Path.Combine(Repository(), "..", "shared");
        var path = Path.Combine(root, "images", name);
        if (!File.Exists(path))
            Assert.Skip($"{name} is not here: set YUNPIPE_SHARED to the folder that holds images/.");
        return path;
    }

    protected static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [ModuleInitializer]
    internal static void Configure() => Vips.Configure(1);
}
