using System.Diagnostics;
using Yunpipe.Algorithms;
using Yunpipe.Images;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>What a program said and how it ended.</summary>
internal sealed record Said(int Exit, string Out, string Error)
{
    public override string ToString() => $"exit code {Exit}\n{Out}{Error}";
}

/// <summary>The published agent as the entrypoint of a wrapped image, without the container: the record in its environment, a folder of images around it.</summary>
internal sealed class HandBench : IDisposable
{
    /// <summary>Writes its image, its values and whatever a test needs to know of its world.</summary>
    public const string Outline = """
        name: outline
        version: 1.2.0
        description: Draws the outlines of cells.
        command: [/bin/sh, -c, 'cat "$$1" > "$$2"; shift 2; echo "$$@" | tee "$$0"; exit ${code}', "${out}/${stem}_values.txt", "${image}", "${out}/${stem}_outline.tif", "${sigma}", "${method}", "${fast}", "${mask}"]
        inputs:
          image: {accepts: ["*.tif", "*.tiff"]}
          mask: {required: false, flag: --mask}
        outputs:
          outline: "${stem}_outline.tif"
          values: {path: "*.txt", required: false}
        variables:
          sigma: {type: number, default: 1.5, minimum: 0, maximum: 10, help: "Smoothing before the outline is drawn, in pixels"}
          method: {values: [sobel, canny], default: sobel, help: How edges are found}
          fast: {type: flag, flag: --fast, help: Less precise}
          code: {type: integer, default: 0, minimum: 0, maximum: 255, help: "The exit code that it ends with"}
        resources: {timeout: 1 min}
        exitCodes: {3: The image holds no cells}
        """;

    private readonly ScratchFolder _scratch = new();
    private readonly WrappedImage _image;

    public HandBench(string descriptor = Outline, string[]? entrypoint = null, string[]? command = null) =>
        _image = new WrappedImage(AlgorithmReader.Read(descriptor, "algorithm.yaml", "").OrThrow(), entrypoint ?? [], command ?? []);

    public string Root => _scratch.Root;

    public string Record => _image.ToText().OrThrow();

    public HandBench Put(params string[] names)
    {
        foreach (var name in names)
        {
            var path = Path.Combine(Root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, name);
        }
        return this;
    }

    public string Read(string name) => File.ReadAllText(Path.Combine(Root, name));

    /// <summary>All files below a folder, by their paths in it.</summary>
    public string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Path.Combine(Root, folder), file)).Order(StringComparer.Ordinal)];

    public Task<Said> Agent(params string[] words) => End(Start(Record, words));

    public Process Start(string? record, params string[] words)
    {
        var start = new ProcessStartInfo(Published.Agent, words) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["LAB"] = "imaging";
        start.Environment["YUNPIPE_OTHER"] = "ours";
        if (record is not null) start.Environment[WrappedImage.Variable] = record;
        return Process.Start(start)!;
    }

    public static async Task<Said> End(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return new Said(process.ExitCode, await output, await errors);
        }
    }

    public void Dispose() => _scratch.Dispose();
}
