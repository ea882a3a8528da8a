using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Queues;
using Yunpipe.Runs;
using Yunpipe.Tests.Conformance;
using Yunpipe.Tests.Runs;
using Yunpipe.Work;

namespace Yunpipe.Tests.Work;

/// <summary>Leases that lapse all the time, as on a machine that stands still.</summary>
public sealed class LapsingLeaseTests
{
    [Fact]
    public async Task A_run_whose_leases_lapse_under_slow_jobs_ends_with_every_job_done_once()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 60).Select(i => $"{i:d2}.txt")]);
        var seen = new ConcurrentDictionary<string, bool>();
        bench.Launcher.Programs["copy"] = call =>
        {
            // The first try at every tenth item takes longer than its lease holds.
            if (call.Arguments[2].EndsWith("0.copy", StringComparison.Ordinal) && seen.TryAdd(call.Arguments[2], true)) Thread.Sleep(400);
            call.Write(call.Arguments[2], $"{call.Read(1)} {Guid.NewGuid()}");
            return 0;
        };
        var options = new RunOptions(new Capacity(4, 0, [], 4)) { LeaseLength = TimeSpan.FromMilliseconds(150) };
        var plan = bench.Plan("{input: ./in, steps: [{name: first, algorithm: copy}, {name: second, algorithm: upper}]}");
        var steps = (await StepPrograms.Find(plan, _ => new Reading<ILauncher>(bench.Launcher, []), options.Capacity, default)).OrThrow();
        var layout = new StoreLayout(bench.Out);
        await using var store = FolderStore.Open(layout, durable: false);
        var location = new FolderLocation(bench.In);
        var items = ItemSource.Open(plan.Workflow.Input, location.Stat).OrThrow();
        // Its time stands still, so that nothing is renewed.
        await using var keeper = new LeaseKeeper(new FakeTimeProvider(), options.LeaseLength);
        var worker = new Worker(store, location, new AttemptFolders(layout.Attempts, "w"), new DigestCache(), keeper, plan.Workflow.Output.Layout, TimeProvider.System);
        using var run = new Run(plan, steps, store, worker, () => items.Read(location.List(items.StopsAt, items.Enters, default)), options, TimeProvider.System, _ => { });
        var running = run.Execute(default, default);
        (await Task.WhenAny(running, Task.Delay(TimeSpan.FromMinutes(1)))).ShouldBe(running, "the run does not end");

        var summary = await running;
        summary.Steps.Select(step => step.Done).ShouldBe([60, 60]);
        summary.SetAside.ShouldBe(0);
        bench.Launcher.Ran.Count.ShouldBeGreaterThan(120, "no lease lapsed");
        foreach (var i in Enumerable.Range(0, 60)) bench.Result($"second/{i:d2}.upper").ShouldBe(bench.Result($"first/{i:d2}.copy").ToUpperInvariant());
        var manifests = await store.Manifests(null, default).ToListAsync();
        manifests.Count.ShouldBe(120);
        foreach (var manifest in manifests) ContentDigest.OfFile(Path.Combine(layout.Jobs, manifest.Step, manifest.Job, manifest.Outputs[0].Path)).ToString().ShouldBe(manifest.Outputs[0].Digest);
    }

    [Fact]
    public async Task A_lease_that_ends_or_fails_while_it_is_renewed_does_not_end_the_renewal_of_the_others()
    {
        var time = new FakeTimeProvider();
        await using var keeper = new LeaseKeeper(time, TimeSpan.FromMinutes(3));
        var (lapsed, broken, good) = (new CountedLease(false), new CountedLease(null), new CountedLease(true));
        var ended = keeper.Hold(lapsed, default);
        // The job ends in the very moment of its renewal.
        lapsed.Renewing = ended.Dispose;
        using var second = keeper.Hold(broken, default);
        using var third = keeper.Hold(good, default);
        for (var i = 1; i <= 5; i++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            for (var wait = 0; good.Renewals < i && wait < 1000; wait++) await Task.Delay(5);
            good.Renewals.ShouldBe(i);
        }
        broken.Renewals.ShouldBe(5);
        third.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    /// <summary>Can be renewed, or not (false), or throws as a network does (null).</summary>
    private sealed class CountedLease(bool? answer) : Lease(new Job
    {
        Id = Records.Id("j"), Step = "s", Key = "k", Origin = "k", Meta = new Dictionary<string, string>(), Variables = new Dictionary<string, Yunpipe.Algorithms.VariableValue>(), Inputs = [],
    })
    {
        private int _renewals;

        public int Renewals => Volatile.Read(ref _renewals);

        public Action? Renewing { get; set; }

        public override TimeSpan Length => TimeSpan.FromMinutes(3);

        public override ValueTask<bool> Renew(CancellationToken cancel)
        {
            Interlocked.Increment(ref _renewals);
            Renewing?.Invoke();
            return answer is { } known ? ValueTask.FromResult(known) : throw new IOException("The network is away.");
        }

        public override ValueTask Complete(CancellationToken cancel) => ValueTask.CompletedTask;

        public override ValueTask GiveBack(TimeSpan delay, CancellationToken cancel) => ValueTask.CompletedTask;

        public override ValueTask Retry(Job changed, TimeSpan delay, CancellationToken cancel) => ValueTask.CompletedTask;
    }
}
