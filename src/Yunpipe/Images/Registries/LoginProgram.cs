using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Yunpipe.Images.Registries;

/// <summary>Asks <c>docker-credential-NAME get</c>, the programs that docker and podman keep logins with (docker/docker-credential-helpers): the registry's
/// name goes in, a JSON object with Username and Secret comes out.</summary>
internal static class LoginProgram
{
    private const int MostOutput = 1 << 20;

    /// <summary>Null where the helper knows no login.</summary>
    public static async Task<Login?> Get(string name, string server, IReadOnlyDictionary<string, string> environment, TimeSpan patience, CancellationToken cancel)
    {
        var program = "docker-credential-" + name;
        if (name.Contains('/') || Work.Spawn.Find(program, environment.GetValueOrDefault("PATH", "").Split(':')) is not { } executable)
            throw new ImageException(ImageCodes.BadLogin, $"The credential helper “{program}” is not there.", "Install it, or take it out of the file of logins.");
        var start = new ProcessStartInfo(executable, ["get"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        start.Environment.Clear();
        foreach (var (key, value) in environment) start.Environment[key] = value;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience);
        try
        {
            using var process = Process.Start(start) ?? throw Failed(program, "it does not start");
            try
            {
                var output = ReadAll(process.StandardOutput, limit.Token);
                var errors = ReadAll(process.StandardError, limit.Token);
                await Tell(process, server, limit.Token);
                var (said, complained) = (await output, await errors);
                await process.WaitForExitAsync(limit.Token);
                return Read(program, process.ExitCode, said, complained);
            }
            finally
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
            }
        }
        catch (Win32Exception error)
        {
            throw Failed(program, error.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw Failed(program, $"it did not answer within {patience.TotalSeconds:0} s");
        }
    }

    private static async Task Tell(Process process, string server, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.WriteAsync(server.AsMemory(), cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not want to hear the name; what it says all the same is read below.
        }
    }

    private static Login? Read(string program, int exit, string output, string errors)
    {
        // The one failure that is none; it stands on standard output.
        if (exit != 0 && output.Contains("credentials not found", StringComparison.OrdinalIgnoreCase)) return null;
        if (exit != 0) throw Failed(program, (output + errors).Trim() is { Length: > 0 } words ? Documents.Wording.Quote(words) : $"it ended with {exit}");
        if (ImageJson.TryRead(Encoding.UTF8.GetBytes(output)) is not { } json || json["Username"]?.ToString() is not { } user || json["Secret"]?.ToString() is not { } secret)
            throw Failed(program, "its answer is not a name and a secret");
        return user == Login.TokenUser ? new Login(user, "", secret, program) : new Login(user, secret, null, program);
    }

    private static async Task<string> ReadAll(StreamReader reader, CancellationToken cancel)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer.AsMemory(), cancel)) > 0)
            if (text.Length < MostOutput) text.Append(buffer, 0, count);
        return text.ToString();
    }

    private static ImageException Failed(string program, string why) => new(ImageCodes.BadLogin, $"The credential helper “{program}” fails: {why}.", "Log in again, or mend the helper.");
}
