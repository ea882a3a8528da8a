using Yunpipe.Queues;
using Yunpipe.Stores;
using Yunpipe.Tests.Runs;
using Yunpipe.Work;

namespace Yunpipe.Tests.Work;

/// <summary>Work counts once, however often a job is delivered (design.md §3.3 and §3.4).</summary>
public sealed class DuplicateTests
{
    private static int Copy(Call call)
    {
        call.Write(call.Arguments[2], call.Read(1));
        return 0;
    }

    [Fact]
    public async Task Two_workers_that_end_one_job_together_leave_one_manifest_and_the_bytes_that_it_names()
    {
        for (var round = 0; round < 40; round++)
        {
            await using var bench = new WorkerBench();
            using var together = new Barrier(2);
            // No two runs of this program give the same bytes.
            await bench.Enqueue(call =>
            {
                call.Write(call.Arguments[2], Guid.NewGuid().ToString());
                together.SignalAndWait();
                return 0;
            });
            var first = await bench.Lease();
            bench.Time.Advance(WorkerBench.LeaseLength * 2);
            var second = await bench.Lease();
            var ends = await Task.WhenAll(bench.Work(bench.Worker(hangs: true), first), bench.Work(bench.Worker(), second));
            ends.ShouldAllBe(end => end is JobEnd.Done);
            var manifest = (await bench.Manifests()).ShouldHaveSingleItem();
            var output = manifest.Outputs.ShouldHaveSingleItem();
            ContentDigest.OfFile(Path.Combine(bench.Layout.Jobs, "work", manifest.Job, "a.w")).ToString().ShouldBe(output.Digest);
            ContentDigest.OfFile(bench.Viewed("work/a.w")).ToString().ShouldBe(output.Digest);
            bench.Queue.Count.ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_job_leaves_the_queue_only_when_its_manifest_and_its_view_stand()
    {
        await using var bench = new WorkerBench();
        await bench.Enqueue(Copy);
        var lease = new WatchedLease(await bench.Lease(), async () =>
        {
            (await bench.Manifests()).ShouldHaveSingleItem();
            File.ReadAllText(bench.Viewed("work/a.w")).ShouldBe("content of a.txt");
        });
        (await bench.Work(bench.Worker(), lease)).ShouldBeOfType<JobEnd.Done>();
        lease.Ended.ShouldBe(1);
    }

    [Fact]
    public async Task A_job_that_cannot_be_done_leaves_the_queue_only_when_that_is_on_record()
    {
        await using var bench = new WorkerBench();
        var job = await bench.Enqueue(_ => 0);
        var lease = new WatchedLease(await bench.Lease(), async () => (await bench.Store.FindFailure("work", job.Id, default)).ShouldNotBeNull().Cause.ShouldBe(Cause.OutputMissing));
        (await bench.Work(bench.Worker(), lease)).ShouldBeOfType<JobEnd.SetAside>();
        lease.Ended.ShouldBe(1);
    }

    /// <summary>Looks around at the moment of its end.</summary>
    private sealed class WatchedLease(Lease inner, Func<Task> look) : Lease(inner.Job)
    {
        public int Ended { get; private set; }

        public override TimeSpan Length => inner.Length;

        public override ValueTask<bool> Renew(CancellationToken cancel) => inner.Renew(cancel);

        public override async ValueTask Complete(CancellationToken cancel)
        {
            await look();
            Ended++;
            await inner.Complete(cancel);
        }

        public override ValueTask GiveBack(TimeSpan delay, CancellationToken cancel) => inner.GiveBack(delay, cancel);

        public override ValueTask Retry(Job changed, TimeSpan delay, CancellationToken cancel) => inner.Retry(changed, delay, cancel);
    }

    [Fact]
    public async Task A_job_that_is_delivered_after_it_was_done_does_not_run_again_and_gets_its_view()
    {
        await using var bench = new WorkerBench();
        var job = await bench.Enqueue(Copy);
        await bench.Work(bench.Worker(), await bench.Lease());
        await bench.Reopen();
        File.Delete(bench.Viewed("work/a.w"));
        await bench.Queue.Enqueue(job, default);
        var end = (await bench.Work(bench.Worker(), await bench.Lease())).ShouldBeOfType<JobEnd.Done>();
        end.How.ShouldBe(DoneHow.AlreadyDone);
        bench.Launcher.Ran.ShouldHaveSingleItem();
        File.ReadAllText(bench.Viewed("work/a.w")).ShouldBe("content of a.txt");
        bench.Queue.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_job_under_a_worker_that_hangs_goes_to_another_and_the_first_learns_it_when_it_ends()
    {
        await using var bench = new WorkerBench();
        using var began = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var runs = 0;
        await bench.Enqueue(call =>
        {
            var run = Interlocked.Increment(ref runs);
            if (run == 1)
            {
                began.Release();
                goOn.Wait();
            }
            call.Write(call.Arguments[2], $"run {run}");
            return 0;
        });
        var hung = bench.Work(bench.Worker(hangs: true), await bench.Lease());
        await began.WaitAsync();
        bench.Queue.Ready.ShouldBe(0);
        bench.Time.Advance(WorkerBench.LeaseLength * 1.01);
        var other = (await bench.Work(bench.Worker(), await bench.Lease())).ShouldBeOfType<JobEnd.Done>();
        goOn.Release();
        var late = (await hung).ShouldBeOfType<JobEnd.Done>();
        late.Manifest.Last.Id.ShouldBe(other.Manifest.Last.Id);
        (await bench.Manifests()).ShouldHaveSingleItem();
        File.ReadAllText(bench.Viewed("work/a.w")).ShouldBe("run 2");
        bench.Queue.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_lease_never_lapses_under_a_worker_that_lives()
    {
        await using var bench = new WorkerBench();
        using var began = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        await bench.Enqueue(call =>
        {
            began.Release();
            goOn.Wait();
            return Copy(call);
        });
        var working = bench.Work(bench.Worker(), await bench.Lease());
        await began.WaitAsync();
        for (var i = 0; i < 12; i++)
        {
            bench.Time.Advance(WorkerBench.LeaseLength / 3);
            // The keeper renews on a thread of its own.
            await Eventually(() => bench.Queue.NextChange() > WorkerBench.LeaseLength * 0.9);
            bench.Queue.Ready.ShouldBe(0);
        }
        goOn.Release();
        (await working).ShouldBeOfType<JobEnd.Done>();
    }

    [Fact]
    public async Task A_worker_that_has_lost_its_lease_stops_its_process_and_does_not_count_it_as_a_failure()
    {
        await using var bench = new WorkerBench();
        using var began = new SemaphoreSlim(0);
        var job = await bench.Enqueue(Copy);
        bench.Launcher.Stopped = began;
        var lease = await bench.Lease();
        var losing = bench.Work(bench.Worker(), lease);
        await began.WaitAsync();
        // Somebody else completes it, as when the queue had handed it out twice.
        await lease.Complete(default);
        bench.Time.Advance(WorkerBench.LeaseLength / 3);
        (await losing).ShouldBeOfType<JobEnd.GivenBack>();
        (await bench.Manifests()).ShouldBeEmpty();
        (await bench.Store.Attempts("work", job.Id, default)).ShouldBeEmpty();
        (await bench.Store.FindFailure("work", job.Id, default)).ShouldBeNull();
        Directory.EnumerateFileSystemEntries(bench.Layout.Attempts).Where(path => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Any()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_crash_between_the_rename_and_the_manifest_leaves_nothing_that_counts()
    {
        await using var bench = new WorkerBench();
        var job = await bench.Enqueue(Copy);
        var half = Path.Combine(bench.Layout.Jobs, "work", job.Id.ToString());
        Directory.CreateDirectory(half);
        await File.WriteAllTextAsync(Path.Combine(half, "a.w"), "of a run that was killed");
        await File.WriteAllTextAsync(Path.Combine(half, "more.w"), "and more of it");
        await bench.Reopen();
        (await bench.Work(bench.Worker(), await bench.Lease())).ShouldBeOfType<JobEnd.Done>().How.ShouldBe(DoneHow.Ran);
        File.ReadAllText(bench.Viewed("work/a.w")).ShouldBe("content of a.txt");
        Directory.EnumerateFiles(half).Select(Path.GetFileName).ShouldBe(["a.w"]);
    }

    private static async Task Eventually(Func<bool> isTrue)
    {
        for (var i = 0; !isTrue() && i < 1000; i++) await Task.Delay(5);
        isTrue().ShouldBeTrue();
    }
}
