using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Tests.Conformance;

/// <summary>Small records for tests of stores.</summary>
internal static class Records
{
    public static JobId Id(string text) => JobId.Of(System.Text.Encoding.UTF8.GetBytes(text));

    public static Manifest Manifest(string job, string key = "a.tif", string step = "blur", string? content = null, params (string Path, string Text)[] outputs) => new()
    {
        Job = Id(job).ToString(), Step = step, Key = key, Origin = key, Content = Id(content ?? "content of " + job).ToString(), Algorithm = "sha256:0",
        Meta = new Dictionary<string, string> { ["plate"] = "P1" }, Variables = new Dictionary<string, string> { ["sigma"] = "2" },
        Inputs = [new ManifestInput("image", key, "1-a", null, 1)],
        Outputs = [.. outputs.Select(output => new ManifestOutput("out", output.Path, output.Text.Length, Images.Digest.Of(System.Text.Encoding.UTF8.GetBytes(output.Text)).ToString()))],
        Attempts = [new AttemptRecord("t1", 1, 2, new ResourceUse(1, 1, 1))],
    };

    public static FailureRecord Failure(string job, string key = "a.tif") => new()
    {
        Job = Id(job).ToString(), Step = "blur", Key = key, Origin = key, Meta = new Dictionary<string, string>(), Cause = Cause.ExitCode, Sentence = "It failed.",
        Attempts = [new AttemptRecord("t1", 1, 2, null, Cause.ExitCode, 3, "It failed.")],
    };

    public static IReadOnlyList<ViewEntry> Entries(Manifest manifest) => [.. manifest.Outputs.Select(output => new ViewEntry($"{manifest.Step}/{output.Path}", output))];
}
