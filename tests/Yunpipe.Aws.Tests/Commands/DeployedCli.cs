using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Yunpipe.Aws.Tests.Cli;
using Yunpipe.Aws.Tests.Dispatch;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Commands;

/// <summary>A deployment with a dispatcher in this process, and the real command line before it.</summary>
internal sealed partial class DeployedCli : IAsyncDisposable
{
    public const string Chain = """
        name: w
        input: {location: ./in, include: ["**/*.tif", "*.tif"]}
        steps: [{name: first, algorithm: copy}, {name: second, algorithm: upper}]
        """;

    /// <summary>The deployment, as the command line names it.</summary>
    public const string Place = "s3://work";

    private DeployedCli(CloudBench bench) => (Bench, Cli) = (bench, new CloudCli(bench.Aws));

    public CloudBench Bench { get; }
    public CloudCli Cli { get; }

    /// <param name="cluster">False where nothing takes jobs out of the queues.</param>
    public static async Task<DeployedCli> Open(string workflow = Chain, bool cluster = false, Func<CloudBench, SmallTask, Task>? tasks = null) =>
        new(await (await CloudBench.Open(workflow, cluster: cluster, tasks: tasks)).Dispatching());

    /// <summary>A stack that tells where a deployment keeps its records.</summary>
    public static SmallStack Stack(string deployment, string work, string status = "CREATE_COMPLETE") => new($"yunpipe-{deployment}")
    {
        Status = status, Template = new JsonObject { ["Outputs"] = new JsonObject { ["WorkBucket"] = new JsonObject { ["Value"] = work } }, ["Resources"] = new JsonObject() },
    };

    /// <summary>What is there before anybody submits it: no event tells of it.</summary>
    public void Put(params IEnumerable<string> keys)
    {
        foreach (var key in keys) Bench.Upload(key, "12345");
        Bench.TakeHappened();
    }

    public Task<(int Exit, string Out, string Error)> Do(params string[] words) => Cli.Do(words);

    /// <summary>What a person sees of commands, one after the other, compared with a golden file.</summary>
    public async Task Check(string name, params string[][] commands)
    {
        var text = new StringBuilder();
        foreach (var words in commands)
        {
            var said = await Do(words);
            text.Append(CultureInfo.InvariantCulture, $"$ yunpipe {string.Join(' ', words.Select(word => word.Contains(' ') ? $"'{word}'" : word))}\n{said.Out}{Progress().Replace(said.Error, "")}= {said.Exit}\n\n");
        }
        Golden.CheckFile($"tests/Yunpipe.Aws.Tests/Golden/{name}.txt", Moments().Replace(text.ToString().Replace(Bench.Aws.Http.Url, "http://aws", StringComparison.Ordinal).Replace(Cli.Folder, "FOLDER", StringComparison.Ordinal), "$1$2$3…"));
    }

    public static void Interrupt(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        await Cli.DisposeAsync();
        await Bench.DisposeAsync();
    }

    /// <summary>What is told of work that takes long, as it does on a busy machine.</summary>
    [GeneratedRegex("^(?:Counting|Submitting): .*\n", RegexOptions.Multiline)]
    private static partial Regex Progress();

    /// <summary>Times and names of attempts, which are others each time.</summary>
    [GeneratedRegex("""("(?:started|ended)":)[0-9]+|(Attempt [0-9] \()[^)]*\), [0-9.]+ s|()\b[0-9a-f]{32}-[0-9]+""")]
    private static partial Regex Moments();
}
