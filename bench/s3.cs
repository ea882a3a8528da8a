#:property PublishAot=false
#:property EnforceCodeStyleInBuild=false
#:property NoWarn=CA1822;CA1303;CA1305;CA1310;CA1031;CA1852;CA1861;RS0030
#:property JsonSerializerIsReflectionEnabledByDefault=true
#:project ../src/Yunpipe.Aws/Yunpipe.Aws.csproj

// Transfers to and from S3 beside the AWS CLI, against one emulator, turn by turn:
//   dotnet run -c Release -p:RunAnalyzers=false bench/s3.cs -- [--quick]        (bench.cs runs it as the scenario “s3”)
// The emulator is that of tests/aws-emulator; AWS_ENDPOINT_URL names another.
using System.Diagnostics;
using System.Globalization;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Stores;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var quick = args.Contains("--quick");
var turns = quick ? 2 : 3;
var root = Path.GetFullPath(Path.Combine(AppContext.GetData("EntryPointFileDirectoryPath") as string ?? "bench", ".."));
var work = Directory.CreateTempSubdirectory("yunpipe-s3-").FullName;
var aws = File.Exists("/usr/bin/aws") ? "/usr/bin/aws" : "aws";
Process? emulator = null;
var ok = true;
try
{
    var endpoint = Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL") ?? StartEmulator();
    Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID") ?? "bench");
    Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY") ?? "bench");
    using var connection = new AwsConnection(new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL"] = endpoint, ["AWS_REGION"] = "us-east-1", ["AWS_ACCESS_KEY_ID"] = Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID")!, ["AWS_SECRET_ACCESS_KEY"] = Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY")!,
    });
    var client = connection.S3();
    await client.PutBucketAsync(new Amazon.S3.Model.PutBucketRequest { BucketName = "bench" });
    using var transfer = new S3Transfer(new S3Limits());
    var bucket = new S3Bucket(client, "bench");
    var hasCli = Cli(endpoint, "--version") is not null;
    if (!hasCli) Console.WriteLine("The AWS CLI is not here: apt-get install awscli");

    await Scenario($"{(quick ? 200 : 1_000)} × 64 KiB", quick ? 200 : 1_000, 64 << 10);
    await Scenario(quick ? "1 × 256 MiB" : "1 × 2 GiB", 1, quick ? 256L << 20 : 2L << 30);

    async Task Scenario(string name, int count, long size)
    {
        var (here, back) = ($"{work}/{count}-up", $"{work}/{count}-down");
        Directory.CreateDirectory(here);
        var block = new byte[1 << 20];
        var random = new Random(1);
        for (var i = 0; i < count; i++)
        {
            using var file = File.Create($"{here}/f{i:d6}");
            for (var left = size; left > 0; left -= block.Length)
            {
                random.NextBytes(block);
                file.Write(block.AsSpan(0, (int)Math.Min(left, block.Length)));
            }
        }
        double ownUp = double.MaxValue, ownDown = double.MaxValue, cliUp = double.MaxValue, cliDown = double.MaxValue;
        for (var turn = 0; turn < turns; turn++)
        {
            ownUp = Math.Min(ownUp, await Time(() => Parallel.ForEachAsync(Directory.EnumerateFiles(here), new ParallelOptions { MaxDegreeOfParallelism = transfer.Limits.AtOnce },
                async (path, stop) => await transfer.Upload(bucket, path, $"own/{count}/{Path.GetFileName(path)}", stop))));
            if (hasCli) cliUp = Math.Min(cliUp, Cli(endpoint, "s3", "cp", "--only-show-errors", "--recursive", here, $"s3://bench/cli/{count}")!.Value);
            ownDown = Math.Min(ownDown, await Time(() => Parallel.ForEachAsync(bucket.List($"own/{count}/", default), new ParallelOptions { MaxDegreeOfParallelism = transfer.Limits.AtOnce },
                async (found, stop) => await transfer.Download(bucket, found.Key, found.ETag, found.Size, $"{back}/{Path.GetFileName(found.Key)}", stop))));
            Directory.Delete(back, true);
            if (hasCli) cliDown = Math.Min(cliDown, Cli(endpoint, "s3", "cp", "--only-show-errors", "--recursive", $"s3://bench/cli/{count}", back)!.Value);
            if (Directory.Exists(back)) Directory.Delete(back, true);
        }
        var megabytes = count * size / 1e6;
        Console.WriteLine($"{name}: up {ownUp:0.00} s ({megabytes / ownUp:0} MB/s), down {ownDown:0.00} s ({megabytes / ownDown:0} MB/s)" + (hasCli ? $"; AWS CLI up {cliUp:0.00} s, down {cliDown:0.00} s" : ""));
        if (hasCli)
        {
            Goal("yunpipe / AWS CLI, up", ownUp / cliUp);
            Goal("yunpipe / AWS CLI, down", ownDown / cliDown);
        }
        Directory.Delete(here, true);
    }
}
finally
{
    emulator?.StandardInput.Close();
    emulator?.WaitForExit(5000);
    Directory.Delete(work, true);
}
return ok ? 0 : 1;

void Goal(string what, double value)
{
    ok &= value <= 1;
    Console.WriteLine($"  {(value <= 1 ? "met   " : "MISSED")} {what}: {value:0.###} (goal ≤ 1)");
}

async Task<double> Time(Func<Task> what)
{
    var clock = Stopwatch.StartNew();
    await what();
    return clock.Elapsed.TotalSeconds;
}

// Wall seconds of one call; null where there is no such program, or it fails.
double? Cli(string endpoint, params string[] words)
{
    var start = new ProcessStartInfo(aws, words[0] == "--version" ? words : ["--endpoint-url", endpoint, "--region", "us-east-1", .. words]) { RedirectStandardOutput = true, RedirectStandardError = true };
    try
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode is 0) return clock.Elapsed.TotalSeconds;
        Console.Error.WriteLine(error);
        return words[0] == "--version" ? null : throw new InvalidOperationException($"aws {string.Join(' ', words)} failed");
    }
    catch (System.ComponentModel.Win32Exception)
    {
        return null;
    }
}

string StartEmulator()
{
    var folder = Path.Combine(root, "tests/aws-emulator");
    if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        using (var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--silent"]) { WorkingDirectory = folder })!) install.WaitForExit();
    emulator = Process.Start(new ProcessStartInfo("node", ["--max-old-space-size=12000", "start.mjs"]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
    return emulator.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The emulator does not start.");
}
