using Yunpipe.Items;
using Yunpipe.Reports;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Tests.Reports;

/// <summary>A store whose records say everything that a report can show; the same in every run of the tests.</summary>
internal static class ReportRecords
{
    /// <summary>2026-03-01 09:00 UTC.</summary>
    public const long Start = 1_772_355_600_000;
    public const long MiB = 1 << 20;

    /// <summary>Eight by eight pixels of grey, so that golden files stay small.</summary>
    public static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAAKklEQVR42mNgEFQydglNK4fRHQxQeiYDlF7FAKV3M0DpMwxQ+i4DlH4HAFBVHcFvZjTlAAAAAElFTkSuQmCC");

    public static ReportSubject Subject { get; } = new("nuclei", [new("denoise", 1, 1024 * MiB, false), new("segment", 4, 512 * MiB, false), new("table", 1, 0, true)]);

    public static AttemptRecord Attempt(int n, long at, double wall, double cpu, long memory, Cause? cause = null, int exit = 0, string? sentence = null, long? limit = null) =>
        new($"a{n}", Start + at, Start + at + (long)wall, new ResourceUse(wall, cpu, memory, 1000, 2000), cause, exit, sentence, limit);

    public static Manifest Manifest(string step, string key, IReadOnlyList<AttemptRecord> attempts, string output, long size, params (string Port, string Key, long Size)[] inputs) => new()
    {
        Job = JobId.Of(System.Text.Encoding.UTF8.GetBytes($"{step} {key}")).ToString(), Step = step, Key = key, Origin = key, Content = JobId.Of(System.Text.Encoding.UTF8.GetBytes($"content {step} {key}")).ToString(),
        Algorithm = "sha256:0", Image = step == "segment" ? "registry/lab/segment@sha256:12" : null, Meta = new Dictionary<string, string>(), Variables = new Dictionary<string, string>(),
        Inputs = [.. inputs.Select(input => new ManifestInput(input.Port, input.Key, "v", null, input.Size))],
        Outputs = [new ManifestOutput("out", output, size, "sha256:1")], Attempts = attempts,
    };

    public static FailureRecord Failure(string step, string key, Cause cause, string sentence, string tail, params IReadOnlyList<AttemptRecord> attempts) => new()
    {
        Job = JobId.Of(System.Text.Encoding.UTF8.GetBytes($"{step} {key}")).ToString(), Step = step, Key = key, Origin = key, Meta = new Dictionary<string, string>(),
        Cause = cause, Sentence = sentence, Attempts = attempts, Tail = tail,
    };

    public static async Task<MemoryStore> Store()
    {
        var store = new MemoryStore();
        for (var i = 1; i <= 8; i++)
        {
            var key = $"P1/cells-{i:000}.tif";
            var first = Attempt(i, i * 500, 90 + i * 11, 60 + i, (18 + i) * MiB, limit: 1024 * MiB);
            await store.Commit(Manifest("denoise", key, [first], $"cells-{i:000}.tif", 524_530, ("image", key, 524_530)), null, default);
            if (i > 6) continue;
            List<AttemptRecord> attempts = [Attempt(100 + i, 1000 + i * 900, 1800 + i * 130, 2100 + i * 100, 490 * MiB, limit: 512 * MiB)];
            if (i == 4) attempts.Insert(0, Attempt(90, 3000, 700, 600, 512 * MiB, Cause.OutOfMemory, 9, "The algorithm needed more than the 512 MiB of memory that it was given.", 512 * MiB));
            await store.Commit(Manifest("segment", key, attempts, $"cells-{i:000}_labels.tif", 4_100 + i, ("image", key, 524_530)), null, default);
        }
        var adopted = Manifest("denoise", "P1/cells-009.tif", [Attempt(1, 500, 101, 61, 19 * MiB)], "cells-009.tif", 524_530, ("image", "P1/cells-009.tif", 524_530));
        await store.Commit(adopted with { OutputsOf = JobId.Of("x"u8).ToString() }, null, default);
        // The run was taken up a day later.
        await store.Commit(Manifest("table", "all", [Attempt(200, 86_400_000, 45, 20, 30 * MiB)], "all.csv", 12_000, [.. Enumerable.Range(1, 6).Select(i => ("rows", $"P1/cells-{i:000}.tif", 2000L))]), null, default);

        foreach (var i in (int[])[7, 8])
            await store.SetAside(Failure("segment", $"P1/cells-{i:000}.tif", Cause.ExitCode, $"The image cells-{i:000}.tif holds no nuclei (exit code 3)",
                $"reading cells-{i:000}.tif\n\u001b[31mno nuclei above 412.5\u001b[0m\n", Attempt(110 + i, 9000 + i, 400, 300, 200 * MiB, Cause.ExitCode, 3, "no nuclei", 512 * MiB)), default);
        await store.SetAside(Failure("segment", Hostile, Cause.TimedOut, $"The algorithm did not end within its timeout of 1 s. <b>{Hostile}</b>", HostileTail,
            Attempt(120, 12_000, 1000, 900, 300 * MiB, Cause.TimedOut, 15, "…", 512 * MiB), Attempt(121, 14_000, 1000, 900, 300 * MiB, Cause.TimedOut, 15, "…", 512 * MiB)), default);
        await store.SetAside(Failure("input", "odd\u202egpj.tif", Cause.InputName, "The name turns around what stands behind it.", ""), default);
        return store;
    }

    public const string Hostile = "<script>alert(\"1\")</script>\n' onerror='alert(2)' \u202etxt.exe &amp; \ud83d\ude00 עברית.tif";

    public const string HostileTail = "</pre><script>alert(3)</script>\r\n\u001b]0;title\a--><img src=http://example.invalid/x onerror=alert(4)>\u0000\u0007\ttab";

    /// <summary>Pictures without an image library: every file that is asked for is grey. Items of plate P1 are found.</summary>
    public static Pictures Pictures(ICollection<string>? asked = null) => new((path, _) =>
    {
        lock (Png) asked?.Add(path);
        return ValueTask.FromResult<byte[]?>(Png);
    }, Path.GetTempPath())
    {
        Input = new FakeLocation(),
        Items = (keys, _) => ValueTask.FromResult<IReadOnlyDictionary<string, Item>>(keys.Where(key => key != "all")
            .ToDictionary(key => key, key => new Item(key, key, new Dictionary<string, Part> { ["image"] = Part.Of(new ItemFile(Place.Input, key, "v", 524_530)) }, new Dictionary<string, string>()))),
    };

    private sealed class FakeLocation : ILocation
    {
        public IAsyncEnumerable<SourceFile> List(Func<string, bool> stopsAt, Func<string, bool> enters, CancellationToken cancel) => AsyncEnumerable.Empty<SourceFile>();

        public SourceFile? Stat(string path) => null;

        public ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel) => ValueTask.FromResult<string?>("/in/" + file.Path);

        public ValueTask<bool> IsUnchanged(ItemFile file, CancellationToken cancel) => ValueTask.FromResult(true);
    }
}
