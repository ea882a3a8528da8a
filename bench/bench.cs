#:property PublishAot=false
#:property EnforceCodeStyleInBuild=false
#:property NoWarn=CA1822;CA1303;CA1305;CA1310;CA1031;CA1852;CA1861

// Yunpipe beside other runners on this machine, measured in one run, turn by turn:
//   dotnet run bench/bench.cs -- [--quick] [--million] [--only NAME…]
// NAME: noop, images, containers, wrap, s3, million, start, agent, dispatcher. Build first: dotnet run build.cs -- publish
using System.Diagnostics;
using System.Globalization;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var quick = args.Contains("--quick");
var only = args.SkipWhile(arg => arg != "--only").Skip(1).ToHashSet();
var root = Path.GetFullPath(Path.Combine(AppContext.GetData("EntryPointFileDirectoryPath") as string ?? "bench", ".."));
var bin = Environment.GetEnvironmentVariable("YUNPIPE_BIN") ?? Path.Combine(root, "artifacts/bin");
var work = Directory.CreateTempSubdirectory("yunpipe-bench-").FullName;
var runner = new Runner(work, quick ? 2 : 3);
var slots = 2;
var cleared = 0;
var ok = true;
if (!File.Exists($"{bin}/yunpipe")) { Console.Error.WriteLine("Build first: dotnet run build.cs -- publish"); return 2; }
Console.WriteLine($"{Environment.ProcessorCount} cores, {slots} jobs at once, the best of {runner.Turns} turns each; wall seconds, CPU seconds, and ratios to Yunpipe\n");
try
{
    if (Wanted("start")) Start();
    if (Wanted("dispatcher")) Dispatcher();
    if (Wanted("agent")) Agent(10_000);
    if (Wanted("noop")) Noop(quick ? 2_000 : 10_000);
    if (Wanted("images")) Images(quick ? 40 : 200);
    if (Wanted("containers")) Containers(quick ? 20 : 100);
    if (Wanted("wrap")) Wrap(quick ? 80 : 350);
    if (Wanted("s3")) S3();
    if (only.Contains("million") || args.Contains("--million")) Million(quick ? 100_000 : 1_000_000);
}
finally
{
    Directory.Delete(work, true);
}
Console.WriteLine(ok ? "every goal was met" : "a goal was missed");
return ok ? 0 : 1;

bool Wanted(string name) => only.Count is 0 ? name is not "million" : only.Contains(name);

void Goal(string what, double value, double limit, bool atMost = true)
{
    var met = atMost ? value <= limit : value >= limit;
    ok &= met;
    Console.WriteLine($"  {(met ? "met   " : "MISSED")} {what}: {value:0.###} (goal {(atMost ? "≤" : "≥")} {limit})");
}

// Transfers beside the AWS CLI: a program of its own, since it uses the library that no command shows alone.
void S3()
{
    Console.WriteLine("files to S3 and back");
    using var process = Process.Start(new ProcessStartInfo("dotnet", ["run", "-c", "Release", "-p:RunAnalyzers=false", Path.Combine(root, "bench/s3.cs"), "--", .. quick ? new[] { "--quick" } : []]))!;
    process.WaitForExit();
    ok &= process.ExitCode is 0;
    Console.WriteLine();
}

void Start()
{
    Console.WriteLine("yunpipe --version");
    var best = Enumerable.Range(0, 10).Min(_ => runner.Once($"{bin}/yunpipe", ["--version"], work).Wall);
    Goal("milliseconds", best * 1000, 30);
    Console.WriteLine();
}

// What every wrapped image carries and every warm container holds: its size, its start, and its memory before and after many jobs.
void Agent(int count)
{
    Console.WriteLine($"yunpipe-agent, {count} jobs");
    using (var packed = new MemoryStream())
    {
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.SmallestSize, true)) gzip.Write(File.ReadAllBytes($"{bin}/yunpipe-agent"));
        Goal("megabytes, compressed", packed.Length / 1e6, 9);
    }
    // From the start of a process to its end, which is later than that its main is reached.
    Goal("milliseconds from start to end of --version", Enumerable.Range(0, 30).Min(_ => runner.Once($"{bin}/yunpipe-agent", ["--version"], work).Wall) * 1000, 10);
    using var agent = Process.Start(new ProcessStartInfo($"{bin}/yunpipe-agent", ["serve"]) { WorkingDirectory = work, RedirectStandardInput = true, RedirectStandardOutput = true })!;
    var hello = agent.StandardOutput.ReadLine()!;
    agent.StandardInput.WriteLine(hello);
    double Resident() => long.Parse(File.ReadLines($"/proc/{agent.Id}/status").First(line => line.StartsWith("VmRSS")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024 / 1e6;
    var run = $$$"""{"run": {"attempt": "a", "jobs": ["j"], "arguments": ["{{{runner.Find("true")}}}"], "directory": "{{{work}}}", "environment": {}, "log": "{{{work}}}/agent.log"}}""";
    var clock = new Stopwatch();
    for (var i = 0; i <= count; i++)
    {
        if (i == 1)
        {
            Goal("megabytes of memory, idle", Resident(), 20);
            clock.Start();
        }
        agent.StandardInput.WriteLine(run);
        if (!agent.StandardOutput.ReadLine()!.Contains("\"exit\":0")) throw new InvalidOperationException("The agent's job failed: nothing was measured.");
    }
    Console.WriteLine($"  {clock.Elapsed.TotalMilliseconds / count:0.000} ms a job, `true` started and ended");
    Goal("megabytes of memory, afterwards", Resident(), 30);
    agent.StandardInput.Close();
    agent.WaitForExit();
    Console.WriteLine();
}

// The published dispatcher under a small Lambda, with S3 and SQS in the process that measures, on the same machine.
void Dispatcher()
{
    Console.WriteLine("the dispatcher: start to ready, 10,000 events routed and sent");
    var told = Path.Combine(work, "dispatcher.txt");
    Environment.SetEnvironmentVariable("YUNPIPE_MEASURE", told);
    Environment.SetEnvironmentVariable("YUNPIPE_BIN", bin);
    runner.Once("dotnet", ["run", "--project", Path.Combine(root, "tests/Yunpipe.Aws.Tests"), "-c", "Release", "-v", "quiet", "--", "-noColor", "-noLogo", "-explicit", "only", "-method", "Yunpipe.Aws.Tests.Dispatch.PublishedTests.Start_ten_thousand_events_and_memory"], root);
    var numbers = File.Exists(told) ? File.ReadAllText(told).Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToList() : [double.MaxValue, double.MaxValue, double.MaxValue];
    Goal("milliseconds from start to ready", numbers[0], 60);
    Goal("seconds for 10,000 events", numbers[1], 3);
    Goal("MiB of memory", numbers[2], 128);
    Console.WriteLine();
}

// N files, and for each the program that does nothing: what is left is the runner.
void Noop(int count)
{
    var input = Files(count, "noop-in");
    var program = runner.Find("true")!;
    Write("noop.yaml", $"name: noop\ncommand: [{program}, \"${{image}}\"]\ninputs: [image]\n");
    Write("noop-workflow.yaml", "name: noop\ninput: ./noop-in\nsteps: [{name: noop, algorithm: ./noop.yaml}]\noutput: ./noop-out\n");
    var makeRules = $"ALL := $(addprefix run-,$(shell ls {input}))\nall: $(ALL)\n$(ALL): run-%:\n\t@{program} {input}/$*\n.PHONY: all $(ALL)\n";
    Write("Makefile", makeRules);
    var few = Math.Min(count, quick ? 100 : 1_000);
    var fewInput = Files(few, "noop-few");
    Write("Snakefile", $"import os\nN = sorted(os.listdir('{fewInput}'))\nrule all:\n    input: expand('snake-out/{{n}}', n=N)\nrule one:\n    input: '{fewInput}/{{n}}'\n    output: touch('snake-out/{{n}}')\n    shell: '{program} {{input}}'\n");
    var fewest = Math.Min(count, quick ? 50 : 200);
    Write("true.cwl", $"cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: {program}\ninputs: {{n: {{type: int, inputBinding: {{}}}}}}\noutputs: []\n");
    Write("scatter.cwl", "cwlVersion: v1.2\nclass: Workflow\nrequirements: {ScatterFeatureRequirement: {}}\ninputs: {n: 'int[]'}\noutputs: []\nsteps:\n  one: {run: true.cwl, scatter: n, in: {n: n}, out: []}\n");
    Write("scatter.json", $"{{\"n\": [{string.Join(',', Enumerable.Range(0, fewest))}]}}");
    Console.WriteLine($"true, {count} items");
    var table = runner.SideBySide(count,
        new("yunpipe", count, $"{bin}/yunpipe", ["run", "noop-workflow.yaml", "--jobs", $"{slots}", "--launcher", "process"], () => Clear("noop-out")),
        new("xargs", count, "sh", ["-c", $"ls {input} | xargs -P{slots} -n1 {program}"]),
        new("make", count, "make", [$"-j{slots}", "-s", "-f", "Makefile"]),
        new("parallel", count, "sh", ["-c", $"ls {input} | parallel -j{slots} {program}"]),
        new("snakemake", few, "snakemake", ["-j", $"{slots}", "-q", "--snakefile", "Snakefile"], () => { Clear("snake-out"); Clear(".snakemake"); }),
        new("cwltool", fewest, "cwltool", ["--parallel", "--quiet", "--outdir", "cwl-out", "scatter.cwl", "scatter.json"]));
    Goal("yunpipe / xargs, wall", table["yunpipe"].Wall / table["xargs"].Wall, 1.2);
    if (table.TryGetValue("snakemake", out var snake)) Goal("snakemake / yunpipe, wall", snake.Wall / table["yunpipe"].Wall, 30, atMost: false);
    Console.WriteLine();
}

// Two libvips steps over real-sized images, by the same program for everybody.
void Images(int count)
{
    runner.Once($"{bin}/yunpipe-toolbox", ["synth", "--out", "img-in", "--truth", "img-truth", "--count", $"{count}", "--size", "1024x1024", "--seed", "1"], work);
    Write("img-workflow.yaml", "name: images\ninput: ./img-in\nsteps:\n  - {name: denoise, algorithm: denoise}\n  - {name: thumbnail, algorithm: thumbnail}\noutput: ./img-out\n");
    Write("img.sh", $"#!/bin/sh\nn=${{1%.tif}}\n{bin}/yunpipe-toolbox denoise --image=img-in/$1 --out=img-x/$n.a.tif && {bin}/yunpipe-toolbox thumbnail --image=img-x/$n.a.tif --out=img-x/$n.png\n");
    Console.WriteLine($"{count} images of 1024 × 1024, two steps, on the host");
    var table = runner.SideBySide(count,
        new("yunpipe", count, $"{bin}/yunpipe", ["run", "img-workflow.yaml", "--jobs", $"{slots}"], () => Clear("img-out")),
        new("xargs", count, "sh", ["-c", $"ls img-in | xargs -P{slots} -n1 sh img.sh"], () => { Clear("img-x"); Directory.CreateDirectory($"{work}/img-x"); }));
    Goal("yunpipe / xargs, wall", table["yunpipe"].Wall / table["xargs"].Wall, 1.1);
    Console.WriteLine();
}

// The same kind of work in containers: a program that copies its input, so that what is left is the container.
void Containers(int count)
{
    foreach (var engine in (string[])["podman", "docker"])
    {
        if (runner.Find(engine) is null || runner.Once(engine, ["image", "inspect", "yunpipe-test:latest"], work).Code is not 0)
        {
            Console.WriteLine($"{engine}: not measured; make it answer with the image yunpipe-test:latest: eval \"$(tests/containers/setup.sh)\"\n");
            continue;
        }
        var input = Files(count, "con-in");
        Write("cp.yaml", "name: cp\nimage: yunpipe-test:latest\ncommand: [/bin/busybox, cp, \"${image}\", \"${out}/${stem}.x\"]\ninputs: [image]\noutputs: {out: \"${stem}.x\"}\n");
        Write("con-workflow.yaml", "name: con\ninput: ./con-in\nsteps:\n  - {name: one, algorithm: ./cp.yaml}\n  - {name: two, algorithm: ./cp.yaml}\noutput: ./con-out\n");
        Write("con-few.yaml", "name: con\ninput: {location: ./con-in, include: [\"f00000*\"]}\nsteps:\n  - {name: one, algorithm: ./cp.yaml}\n  - {name: two, algorithm: ./cp.yaml}\noutput: ./con-out\n");
        var few = Math.Min(count, 8);
        Console.WriteLine($"{count} items, two steps in {engine}");
        var table = runner.SideBySide(count,
            new("yunpipe", count, $"{bin}/yunpipe", ["run", "con-workflow.yaml", "--jobs", $"{slots}", "--launcher", engine], () => Clear("con-out")),
            new("first", 1, $"{bin}/yunpipe", ["run", "con-few.yaml", "--jobs", $"{slots}", "--launcher", engine], () => Clear("con-out")),
            new("xargs cp", count, "sh", ["-c", $"for s in 1 2; do ls {input} | xargs -P{slots} -I% cp {input}/% {work}/con-y-%-$s; done"]),
            new($"xargs {engine} run", few, "sh", ["-c", $"ls {input} | head -{few} | xargs -P{slots} -n1 sh -c 'for s in 1 2; do {engine} run --rm --network none -v {work}:/w yunpipe-test:latest /bin/busybox cp /w/con-in/$0 /w/con-x-$0; done'"]));
        var each = (table["yunpipe"].Wall - table["first"].Wall) / (2.0 * (count - 1)) * 1000 * slots;
        Goal("milliseconds per image and step after the first, of one slot", each, 5);
        Console.WriteLine($"         beside it: a cp by xargs without a container {table["xargs cp"].Wall / (2.0 * count) * 1000 * slots:0.###} ms, for machines that are slow to start a process");
        Goal($"xargs {engine} run / yunpipe, per image", table[$"xargs {engine} run"].Wall / few / ((table["yunpipe"].Wall - table["first"].Wall) / (count - 1)), 60, atMost: false);
        Console.WriteLine();
    }
}

// An image in a registry gets the agent: by us, and as docker would do it, with the base on this machine and without.
void Wrap(int megabytes)
{
    if (runner.Find("docker-registry") is null || runner.Find("docker") is null || runner.Once("docker", ["image", "inspect", "yunpipe-test:latest"], work).Code is not 0)
    {
        Console.WriteLine("wrap: not measured; it wants docker with the image yunpipe-test:latest and docker-registry: eval \"$(tests/containers/setup.sh)\"\n");
        return;
    }
    const string host = "127.0.0.1:5987", image = host + "/bench/large";
    Write("registry.yml", $"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {work}/registry}}}}\nhttp: {{addr: \"{host}\"}}\n");
    using var registry = Process.Start(new ProcessStartInfo("docker-registry", ["serve", $"{work}/registry.yml"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    void Do(string line)
    {
        if (runner.Once("sh", ["-c", line], work).Code is not 0) throw new InvalidOperationException($"“{line}” failed: nothing was measured.");
    }
    try
    {
        Write("wrap.yaml", $"name: large\ncommand: [/bin/busybox, cp, \"${{image}}\", \"${{out}}/x\"]\ninputs: image\noutputs: x\n");
        Write("Dockerfile.base", "FROM yunpipe-test:latest\nCOPY part* /data/\n");
        Write("Dockerfile", $"FROM {image}:1\nCOPY yunpipe-agent /opt/yunpipe/agent\nLABEL io.yunpipe.algorithm={{}}\nENTRYPOINT [\"/opt/yunpipe/agent\"]\n");
        Do($"cp {bin}/yunpipe-agent . && for i in 1 2 3 4 5; do head -c {megabytes / 5}000000 /dev/urandom > part$i; done && docker build -q -f Dockerfile.base -t {image}:1 . && docker push -q {image}:1 && rm part*");
        Console.WriteLine($"an image of {megabytes} MB in a registry of this machine");
        Contender Docker(string name, string more) => new(name, 1, "sh", ["-c", $"docker build -q -t {image}:built . && docker push -q {image}:built"],
            () => Do($"docker rmi {image}:built >/dev/null 2>&1; {more} date +%N > yunpipe-agent.new && cat yunpipe-agent.new >> yunpipe-agent"));
        var table = runner.SideBySide(1,
            // Into another repository each time, so that the agent's layer is sent too.
            new("yunpipe", 1, "sh", ["-c", $"{bin}/yunpipe wrap wrap.yaml --image docker://{image}:1 --to docker://{host}/bench/to-$(date +%N):1"]),
            Docker("docker, base here", ""),
            Docker("docker, base away", $"docker rmi {image}:1 >/dev/null 2>&1;"));
        var told = runner.Read($"{bin}/yunpipe", ["wrap", "wrap.yaml", "--image", $"docker://{image}:1", "--to", $"docker://{host}/bench/other:1", "--json"], work);
        double Figure(string name) => double.Parse(System.Text.RegularExpressions.Regex.Match(told, $"\"{name}\":([0-9.]+)").Groups[1].Value);
        Goal("seconds to wrap", table["yunpipe"].Wall, 2);
        Goal("MB moved into another repository", Figure("movedBytes") / 1e6, 12);
        Goal("MB of the agent's layer", Figure("layerBytes") / 1e6, 9);
        Goal("docker build and push / yunpipe, base here", table["docker, base here"].Wall / table["yunpipe"].Wall, 1, atMost: false);
        Goal("docker build and push / yunpipe, base away", table["docker, base away"].Wall / table["yunpipe"].Wall, 10, atMost: false);
    }
    finally
    {
        registry.Kill();
        runner.Once("docker", ["rmi", $"{image}:1", $"{image}:built"], work);
    }
    Console.WriteLine();
}

// Memory and pace over very many jobs; then nothing to do.
void Million(int count)
{
    Directory.CreateDirectory($"{work}/m-in");
    for (var folder = 0; folder < count / 1000; folder++) Files(1000, $"m-in/{folder:d4}");
    Write("m.yaml", "name: noop\ncommand: [\"true\", \"${image}\"]\ninputs: [image]\n");
    Write("m-workflow.yaml", "name: million\ninput: ./m-in\nsteps: [{name: noop, algorithm: ./m.yaml}]\noutput: ./m-out\n");
    Console.WriteLine($"{count} no-op items");
    var (use, pace) = runner.Paced($"{bin}/yunpipe", ["run", "m-workflow.yaml", "--jobs", $"{slots}", "--json"], work, "\"event\":\"done\"", count);
    Console.WriteLine($"  {use.Wall:0.0} s, {count / use.Wall:0} jobs/s; at the start {pace.First:0}/s, at the end {pace.Last:0}/s");
    Goal("peak memory, MB", use.PeakMemory / 1e6, 250);
    Goal("jobs/s at the end / at the start", pace.Last / pace.First, 0.9, atMost: false);
    var again = runner.Once($"{bin}/yunpipe", ["run", "m-workflow.yaml", "--jobs", $"{slots}"], work);
    Console.WriteLine($"  again with nothing to do: {again.Wall:0.00} s");
    Goal("seconds per 100,000 finished jobs", again.Wall * 100_000 / count, 2);
    Console.WriteLine();
}

string Files(int count, string folder)
{
    var path = Directory.CreateDirectory(Path.Combine(work, folder)).FullName;
    for (var i = 0; i < count; i++) File.WriteAllBytes($"{path}/f{i:d5}", []);
    return path;
}

void Write(string name, string text) => File.WriteAllText(Path.Combine(work, name), text);

// Out of the way, and deleted at the end: for minutes after files were deleted ext4 searches longer for an inode that it may give away, and the next turn would pay.
void Clear(string folder)
{
    var old = Path.Combine(work, "old", $"{cleared++}");
    Directory.CreateDirectory(Path.GetDirectoryName(old)!);
    if (Directory.Exists(Path.Combine(work, folder))) Directory.Move(Path.Combine(work, folder), old);
}

internal sealed record Contender(string Name, int Items, string File, string[] Arguments, Action? Before = null);

internal sealed record Use(double Wall, double Cpu, int Code, long PeakMemory);

internal sealed class Runner(string work, int turns)
{
    private static readonly Dictionary<string, string> Install = new()
    {
        ["make"] = "apt-get install make", ["parallel"] = "apt-get install parallel", ["snakemake"] = "apt-get install snakemake", ["cwltool"] = "apt-get install cwltool",
    };

    public int Turns => turns;

    public string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Turn by turn, so that a noisy minute hurts everybody; the best turn of each, scaled to all items.</summary>
    public Dictionary<string, Use> SideBySide(int items, params Contender[] contenders)
    {
        var best = new Dictionary<string, Use>();
        foreach (var contender in contenders)
            if (Find(contender.File) is null && !File.Exists(contender.File) || (contender.Name == "parallel" && Find("parallel") is null))
                Console.WriteLine($"  {contender.Name,-18} not on this machine: {Install.GetValueOrDefault(contender.Name, "install it")}");
        for (var turn = 0; turn < turns; turn++)
            foreach (var contender in contenders)
            {
                if ((Find(contender.File) is null && !File.Exists(contender.File)) || (contender.Name == "parallel" && Find("parallel") is null)) continue;
                // The slow ones are slow enough to need one turn only.
                if (turn > 0 && contender.Name is "snakemake" or "cwltool" && best.ContainsKey(contender.Name)) continue;
                contender.Before?.Invoke();
                var use = Once(contender.File, contender.Arguments, work);
                if (use.Code is not 0) throw new InvalidOperationException($"{contender.Name} ended with {use.Code}: nothing was measured.");
                var scale = contender.Name == "first" ? 1 : items / (double)contender.Items;
                var scaled = use with { Wall = use.Wall * scale, Cpu = use.Cpu * scale };
                if (!best.TryGetValue(contender.Name, out var known) || scaled.Wall < known.Wall) best[contender.Name] = scaled;
            }
        var ours = best["yunpipe"];
        foreach (var contender in contenders)
            if (best.TryGetValue(contender.Name, out var use))
                Console.WriteLine($"  {contender.Name,-18} {use.Wall,9:0.000} s wall {use.Cpu,9:0.000} s CPU   {use.Wall / items * 1000,8:0.000} ms each   × {use.Wall / ours.Wall:0.00} wall, × {use.Cpu / ours.Cpu:0.00} CPU{(contender.Items < items && contender.Name != "first" ? $"   (of {contender.Items}, scaled)" : "")}");
        return best;
    }

    public Use Once(string file, string[] arguments, string folder)
    {
        var before = ChildrenCpu();
        var clock = Stopwatch.StartNew();
        using var process = Start(file, arguments, folder);
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return new Use(clock.Elapsed.TotalSeconds, ChildrenCpu() - before, process.ExitCode, 0);
    }

    /// <summary>What a command writes; it must end well.</summary>
    public string Read(string file, string[] arguments, string folder)
    {
        using var process = Start(file, arguments, folder);
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode is 0 ? text : throw new InvalidOperationException($"{file} ended with {process.ExitCode}: nothing was measured.");
    }

    /// <summary>Counts lines of progress while it runs: the pace over the first and the last hundredth.</summary>
    public (Use Use, (double First, double Last) Pace) Paced(string file, string[] arguments, string folder, string mark, int items)
    {
        var clock = Stopwatch.StartNew();
        using var process = Start(file, arguments, folder);
        long peak = 0, count = 0;
        double window = Math.Max(5_000, items / 100), first = 0, from = 0, last = 0;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.Contains(mark, StringComparison.Ordinal)) continue;
            count++;
            if (count % 1000 is 0 && File.Exists($"/proc/{process.Id}/status"))
                peak = Math.Max(peak, File.ReadLines($"/proc/{process.Id}/status").Where(status => status.StartsWith("VmHWM")).Select(status => long.Parse(status.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024).FirstOrDefault());
            if (count == window) first = window / clock.Elapsed.TotalSeconds;
            if (count == items - window) from = clock.Elapsed.TotalSeconds;
            // What comes after the last item, such as the report, is no item's time.
            if (count == items) last = window / (clock.Elapsed.TotalSeconds - from);
        }
        process.WaitForExit();
        if (count != items || peak is 0) throw new InvalidOperationException($"{count} of {items} lines hold {mark}: nothing was measured");
        return (new Use(clock.Elapsed.TotalSeconds, 0, process.ExitCode, peak), (first, last));
    }

    private static Process Start(string file, string[] arguments, string folder) =>
        Process.Start(new ProcessStartInfo(file, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = !arguments.Contains("--json") })!;

    /// <summary>CPU seconds of all children that have ended, and theirs (proc(5), fields 16 and 17).</summary>
    private static double ChildrenCpu()
    {
        var fields = File.ReadAllText("/proc/self/stat").Split(')')[^1].Split(' ');
        return (long.Parse(fields[14]) + long.Parse(fields[15])) / 100.0;
    }
}
