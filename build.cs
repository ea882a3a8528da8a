#:property PublishAot=false
#:property EnforceCodeStyleInBuild=false
#:property NoWarn=CA1303;CA1305;CA1310;CA1031;CA1852;CA1861;CA2234

// The one build entry, for people and for CI:
//   dotnet run build.cs -- publish    builds the programs into artifacts/bin
//   dotnet run build.cs -- sample     … and runs samples/nuclei on images that it makes
//   dotnet run build.cs -- test       … and passes the tests (all, or the projects named)
//   dotnet run build.cs -- image E    … and puts the toolbox as an image into the engine E (docker, podman), without any registry
using System.Diagnostics;
using System.Text.RegularExpressions;

const string Bin = "artifacts/bin";
var clock = Stopwatch.StartNew();
return args switch
{
    ["publish"] => Publish(),
    ["sample"] => Publish() is 0 ? Sample() : 1,
    ["test", .. var only] => Test(only),
    ["image", var engine] => Publish() is 0 ? ToolboxImage(engine, "yunpipe-toolbox:latest", null) : 1,
    _ => Usage(),
};

int Usage()
{
    Console.Error.WriteLine("usage: dotnet run build.cs -- publish | sample | test [PROJECT…] | image docker|podman");
    return 2;
}

// Ahead-of-time compilation needs a linker and zlib; the .NET SDK brings the rest. The agent's part for AWS has TLS linked in, which needs more.
// The toolbox shares no project with the others, and is built beside them.
int Publish()
{
    Directory.CreateDirectory(Bin);
    if (!HasTls()) Say("the agent is built without its part for AWS, which needs cmake and libssl-dev: install them, and publish again");
    var toolbox = Task.Run(() => PublishOne("Toolbox", "yunpipe-toolbox", "yunpipe-toolbox"));
    var others = PublishOne("Agent", "yunpipe-agent", "yunpipe-agent", HasTls() ? [] : ["-p:Cloud=false"])
        // The sample needs nothing of AWS.
        && (args[0] is "sample" || PublishOne("Dispatcher", "bootstrap", "bootstrap"))
        && PublishOne("Cli", "Yunpipe.Cli", "yunpipe");
    // What the agent trusts inside images, which have their own certificates anywhere or nowhere.
    const string Certificates = "/etc/ssl/certs/ca-certificates.crt";
    if (HasTls() && File.Exists(Certificates)) File.Copy(Certificates, $"{Bin}/yunpipe-ca.pem", overwrite: true);
    return toolbox.Result && others ? 0 : 1;
}

bool PublishOne(string project, string executable, string name, params string[] more)
{
    Say($"building {name}");
    var folder = $"artifacts/publish/{project}";
    if (Run("dotnet", ["publish", $"src/Yunpipe.{project}", "-c", "Release", "-r", "linux-x64", "-o", folder, "-v", "quiet", "--nologo", .. more], quiet: true) is not 0)
    {
        Say($"{name} does not build");
        return false;
    }
    foreach (var file in Directory.GetFiles(folder))
        if (Path.GetFileName(file) == executable || file.Contains(".so", StringComparison.Ordinal) || file.EndsWith(".md", StringComparison.Ordinal))
            Replace(file, Path.Combine(Bin, Path.GetFileName(file) == executable ? name : Path.GetFileName(file)));
    return true;
}

bool HasTls() => File.Exists("/usr/include/openssl/ssl.h") && File.Exists("/usr/bin/cmake")
    && (File.Exists("/usr/lib/x86_64-linux-gnu/libssl.a") || File.Exists("/usr/lib64/libssl.a") || File.Exists("/usr/lib/libssl.a"));

int Sample()
{
    const string folder = "artifacts/sample";
    if (Run($"{Bin}/yunpipe-toolbox", ["synth", "--out", $"{folder}/in", "--truth", $"{folder}/truth", "--count", "12", "--seed", "1"]) is not 0) return Fail("the sample images could not be made");
    var code = Run($"{Bin}/yunpipe", ["run", "samples/nuclei/workflow.yaml", "--input", $"{folder}/in", "--output", $"{folder}/out"]);
    if (code is 0) Say($"results are in {folder}/out: see table/all.csv and overview/all.png");
    return code;
}

int Test(string[] only)
{
    var environment = new Dictionary<string, string> { ["YUNPIPE_BIN"] = Path.GetFullPath(Bin), ["YUNPIPE_ROOT"] = Directory.GetCurrentDirectory() };
    var isRoot = Environment.UserName == "root";
    var engines = Wants("Yunpipe.EndToEnd") && isRoot;
    if (isRoot && !HasTls()) Install("cmake", "libssl-dev");
    // Packages come while programs are built.
    var started = Task.Run(() =>
    {
        if (!engines) return;
        InstallTools();
        StartEngines(environment);
    });
    int passed = 0, failed = 0, skipped = 0;
    try
    {
        if (Publish() is not 0) return 1;
        started.Wait();
        if (engines) FillEngines(environment);
        foreach (var project in Directory.GetDirectories("tests").Where(folder => Directory.GetFiles(folder, "*.csproj").Length > 0).Order().Select(Path.GetFileName))
        {
            if (!Wants(project!)) continue;
            Say($"testing {project}");
            var output = new List<string>();
            var code = Run("dotnet", ["run", "--project", $"tests/{project}", "-c", "Release", "-v", "quiet", "--", "-noColor", "-noLogo"], environment, output);
            var summary = output.Select(line => Regex.Match(line, @"Total: (\d+), Errors: (\d+), Failed: (\d+), Skipped: (\d+)")).LastOrDefault(match => match.Success);
            if (summary is null) { failed++; Say($"{project} told no result (exit code {code})"); continue; }
            int Number(int group) => int.Parse(summary.Groups[group].Value);
            passed += Number(1) - Number(3) - Number(4);
            failed += Number(2) + Number(3);
            skipped += Number(4);
            if (code is not 0 && Number(2) + Number(3) is 0) failed++;
        }
        foreach (var (check, name) in new[] { ("schema", "schemas"), ("stack", "templates") })
            if (Wants(check)) Count(Outside(check, name), ref passed, ref failed);
    }
    finally
    {
        started.Wait();
        if (engines) Run("bash", ["tests/containers/stop.sh"]);
    }
    Say($"took {clock.Elapsed:m\\:ss} min");
    Console.WriteLine($"{passed} passed, {failed} failed{(skipped > 0 ? $", {skipped} skipped" : "")}");
    return failed is 0 && passed > 0 ? 0 : 1;

    bool Wants(string name) => only.Length is 0 || only.Contains(name);
}

// Schemas and templates are ours; whether they mean what they say is asked of validators that are not.
bool Outside(string check, string name)
{
    Say($"testing {name}");
    return Run("npm", ["ci", "--prefix", $"tests/{check}", "--silent"], quiet: true) is 0 && Run("node", [$"tests/{check}/check.mjs"]) is 0;
}

// Real container engines; the script says on stdout which environment they need.
void StartEngines(Dictionary<string, string> environment)
{
    Say("starting container engines");
    var output = new List<string>();
    if (Run("bash", ["tests/containers/setup.sh"], output: output, echo: false) is not 0) Say("no container engines: their tests will skip or fail");
    foreach (var line in output)
        if (Regex.Match(line, "^export ([A-Z_]+)=[\"']?(.*?)[\"']?$") is { Success: true } export) environment[export.Groups[1].Value] = export.Groups[2].Value;
}

void FillEngines(Dictionary<string, string> environment)
{
    foreach (var engine in environment.GetValueOrDefault("YUNPIPE_ENGINES", "").Replace("\\ ", " ").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        if (ToolboxImage(engine, "yunpipe-toolbox:test", environment) is not 0) Say($"the toolbox could not be put into {engine}");
}

// Programs that tests drive: a browser, a terminal, and tools of the catalogue.
void InstallTools()
{
    var missing = new[] { ("chromium", "chromium"), ("tmux", "tmux"), ("convert", "imagemagick"), ("vips", "libvips-tools") }
        .Where(tool => !Directory.Exists("/usr/bin") || !File.Exists($"/usr/bin/{tool.Item1}")).Select(tool => tool.Item2).ToArray();
    if (missing.Length is 0) return;
    if (!Install(missing)) Say("some could not be installed: tests that need them will skip");
}

bool Install(params string[] packages)
{
    Say($"installing {string.Join(", ", packages)}");
    return Run("sh", ["-c", $"apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 {string.Join(' ', packages)}"], quiet: true) is 0;
}

// The toolbox and the libraries that it is linked with, on nothing else: one layer, imported by the engine itself.
int ToolboxImage(string engine, string name, IReadOnlyDictionary<string, string>? environment)
{
    var folder = Directory.CreateTempSubdirectory("yunpipe-image-").FullName;
    try
    {
        var copy = $"""
            set -e
            mkdir -p '{folder}/usr/bin' '{folder}/tmp' '{folder}/lib64'
            cp {Bin}/yunpipe-toolbox {Bin}/libvips.so.42 {Bin}/libvips-notices.md '{folder}/usr/bin/'
            ldd {Bin}/yunpipe-toolbox {Bin}/libvips.so.42 | grep -o '/[^ ]*' | grep -v ':$' | sort -u | while read -r library; do
              mkdir -p "{folder}$(dirname "$library")"; cp -L "$library" "{folder}$library"
            done
            tar -C '{folder}' --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --format=ustar -cf '{folder}.tar' .
            {engine} import --change 'ENV PATH=/usr/bin' --change 'ENTRYPOINT ["/usr/bin/yunpipe-toolbox"]' '{folder}.tar' {name} >/dev/null
            """;
        return Run("sh", ["-c", copy], environment);
    }
    finally
    {
        Directory.Delete(folder, true);
        File.Delete(folder + ".tar");
    }
}

void Count(bool good, ref int passed, ref int failed)
{
    if (good) passed++;
    else failed++;
}

// A running program's file cannot be written over, but its name can be given to another.
void Replace(string from, string to)
{
    File.Copy(from, to + ".new", overwrite: true);
    File.Move(to + ".new", to, overwrite: true);
}

int Run(string file, string[] arguments, IReadOnlyDictionary<string, string>? environment = null, List<string>? output = null, bool echo = true, bool quiet = false)
{
    var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = output is not null || quiet };
    foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
    using var process = Process.Start(start)!;
    if (quiet)
    {
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode is not 0) Console.Error.WriteLine(text);
        return process.ExitCode;
    }
    if (output is not null)
        while (process.StandardOutput.ReadLine() is { } line)
        {
            output.Add(line);
            if (echo) Console.WriteLine(line);
        }
    process.WaitForExit();
    return process.ExitCode;
}

void Say(string text) => Console.Error.WriteLine($"[{clock.Elapsed:mm\\:ss}] {text}");

int Fail(string why)
{
    Say(why);
    return 1;
}
