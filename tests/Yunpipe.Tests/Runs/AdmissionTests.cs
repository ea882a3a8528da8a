using Yunpipe.Runs;

namespace Yunpipe.Tests.Runs;

public sealed class AdmissionTests
{
    [Fact]
    public async Task The_listing_waits_where_there_are_enough_and_goes_on_when_half_are_through()
    {
        var admission = new Admission(4);
        for (var i = 0; i < 4; i++) (await Entered(admission)).ShouldBeTrue();
        var fifth = admission.Enter(default).AsTask();
        admission.Leave();
        (await Waits(fifth)).ShouldBeTrue();
        admission.Leave();
        await fifth.WaitAsync(TimeSpan.FromSeconds(10));
        (await Entered(admission)).ShouldBeTrue();
        (await Waits(admission.Enter(default).AsTask())).ShouldBeTrue();
    }

    [Fact]
    public async Task The_end_waits_for_every_item()
    {
        var admission = new Admission(4);
        await admission.Empty(default);
        await admission.Enter(default);
        await admission.Enter(default);
        var empty = admission.Empty(default);
        admission.Leave();
        (await Waits(empty)).ShouldBeTrue();
        admission.Leave();
        await empty.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_stop_ends_the_waiting()
    {
        using var stop = new CancellationTokenSource();
        var admission = new Admission(1);
        await admission.Enter(stop.Token);
        var second = admission.Enter(stop.Token).AsTask();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        await Should.ThrowAsync<OperationCanceledException>(() => admission.Enter(stop.Token).AsTask());
    }

    private static async Task<bool> Entered(Admission admission) => !await Waits(admission.Enter(default).AsTask());

    private static async Task<bool> Waits(Task task) => await Task.WhenAny(task, Task.Delay(200)) != task;
}
