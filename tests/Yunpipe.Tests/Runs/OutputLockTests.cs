using System.Diagnostics;
using System.Text.Json;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;

namespace Yunpipe.Tests.Runs;

/// <summary>One run at a time on an output folder (design.md §3.4).</summary>
public sealed class OutputLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yunpipe-lock-").FullName;

    private StoreLayout Layout => new(_folder);

    private static Holder Self => new(Environment.ProcessId, Environment.MachineName, 0, "yunpipe run");

    [Fact]
    public void Who_holds_it_is_told_at_once()
    {
        var (held, _) = OutputLock.Take(Layout, Self);
        using (held)
        {
            var (second, holder) = OutputLock.Take(Layout, Self with { Command = "another" });
            second.ShouldBeNull();
            holder.ShouldBe(Self);
        }
        OutputLock.Take(Layout, Self).Lock.ShouldNotBeNull().Dispose();
    }

    [Fact]
    public async Task A_killed_holder_whose_last_copy_is_about_to_end_is_waited_for()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Layout.Lock)!);
        using var ended = Process.Start("true");
        await ended.WaitForExitAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Layout.Lock, $$"""{"pid":{{ended.Id}},"host":{{JsonSerializer.Serialize(Environment.MachineName)}},"started":0,"command":"killed"}""", TestContext.Current.CancellationToken);
        var copy = new FileStream(Layout.Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var taking = Task.Run(() => OutputLock.Take(Layout, Self), TestContext.Current.CancellationToken);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        await copy.DisposeAsync();
        var (taken, holder) = await taking;
        holder.ShouldBeNull();
        taken.ShouldNotBeNull().Dispose();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
