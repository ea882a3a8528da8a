using Yunpipe.Algorithms;
using Yunpipe.Queues;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>How a job left the worker's hands.</summary>
public abstract record JobEnd(Job Job)
{
    /// <summary>It has a manifest: made now, adopted from equal content, or there already.</summary>
    public sealed record Done(Job Job, Manifest Manifest, DoneHow How) : JobEnd(Job)
    {
        /// <summary>The item whose results already stand where these would: two items have one path.</summary>
        public string? HidesBehind { get; init; }
    }

    public sealed record SetAside(Job Job, FailureRecord Failure) : JobEnd(Job);

    /// <summary>It is queued again, perhaps with more memory, after a pause.</summary>
    public sealed record Retried(Job Job, AttemptRecord Attempt, TimeSpan Pause) : JobEnd(Job);

    /// <summary>An input has changed since the job was made; a new job takes its place.</summary>
    public sealed record Superseded(Job Job, string Input) : JobEnd(Job);

    /// <summary>The run is ending.</summary>
    public sealed record GivenBack(Job Job) : JobEnd(Job);
}

public enum DoneHow { Ran, Adopted, AlreadyDone }

/// <summary>The loop's body: lease → fetch → run → publish → write manifest → complete. One implementation, on every machine (design.md §2).
/// <code>
/// seen                              then
/// manifest exists                   view, complete
/// an input changed                  superseded, complete
/// equal content was done            adopt its outputs: manifest, view, complete
/// ended well, outputs as declared   manifest, view, complete
/// failed, tries left                attempt record, give back with a pause (a batch: split, tried singly)
/// found no room on the disk         its files go, give back to be tried alone, as if it had not been tried
/// failed, no tries left             failure record, complete
/// stopped                           give back at once
/// </code></summary>
public sealed class Worker(IStore store, ILocation input, AttemptFolders folders, DigestCache digests, LeaseKeeper leases, Template layout, TimeProvider time)
{
    /// <summary>Most memory that a retry may be given; 0 is no limit.</summary>
    public long MemoryLimit { get; init; }

    /// <summary>True where others drain the same queue, or a job may come twice: then its manifest is looked for before its inputs are brought.</summary>
    public bool LooksFirst { get; init; }

    /// <summary>Works on the leases of one step together: one process for all of them.</summary>
    /// <param name="released">Called when the process has ended and its resources are free, before the manifest is on disk.</param>
    public async Task<IReadOnlyList<JobEnd>> Run(StepProgram step, IReadOnlyList<Lease> batch, SlotLimits limits, Action released, CancellationToken stop)
    {
        var folder = folders.Take();
        var attempt = new Attempt(folder, step, store, input, digests);
        var live = folders.Begin(new LiveAttempt(folder.Id, step.Name, [.. batch.Select(lease => lease.Job)], time.GetUtcNow().ToUnixTimeMilliseconds()));
        var holdings = batch.Select(lease => leases.Hold(lease, stop)).ToList();
        try
        {
            return await RunHeld(step, batch, limits, attempt, live.Started, released, holdings[0].Lost);
        }
        finally
        {
            folders.End(live);
            foreach (var holding in holdings) holding.Dispose();
        }
    }

    private async Task<IReadOnlyList<JobEnd>> RunHeld(
        StepProgram step, IReadOnlyList<Lease> batch, SlotLimits limits, Attempt attempt, long started, Action released, CancellationToken stop)
    {
        var settling = new List<Task<JobEnd>>();
        var live = new List<LiveJob>(batch.Count);
        var waiting = batch.ToList();
        AgentDone? done = null;
        AgentRun? asked = null;
        Failure? failure = null;
        try
        {
            attempt.Folder.Make();
            foreach (var lease in batch)
            {
                if (await Prepare(step, lease, attempt, started, limits, settling, stop) is { } ready) live.Add(ready);
                waiting.Remove(lease);
            }
            if (live.Count > 0 && !stop.IsCancellationRequested)
            {
                asked = await AttemptRequest.Of(step, [.. live.Select(entry => entry.Job)], limits, attempt, stop);
                failure = CommandLine.LeadsOut(asked.Arguments, attempt.SeenRoot);
                if (failure is null)
                {
                    done = step.Launcher.Run(step.Program, limits, asked, stop);
                    failure = Failure.From(done, step.Algorithm, limits, attempt.Folder.Root) ?? await attempt.Spoiled(CancellationToken.None);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failure = Failure.From(error);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // While inputs were on their way from a bucket: nothing was done yet.
            failure = new Failure(Cause.Stopped, "The run was stopped.");
        }
        finally
        {
            // Whoever starts next, and the records of this failure, need the room that it took.
            if (failure is { Cause: Cause.DiskFull }) AttemptFolders.Delete(attempt.Folder.Root);
            released();
        }
        settling.AddRange(waiting.Select(GiveBack));

        var record = Record(attempt, started, limits, done, failure);
        var kept = failure is { Cause: not (Cause.Stopped or Cause.DiskFull) };
        if (done is null || failure is not null)
            foreach (var entry in live)
                // What nobody but its owner can have changed is no failure: the new version is a new job.
                settling.Add(failure is { Cause: Cause.InputChanged } && !step.Launcher.InputsAreWritable ? Superseded(entry.Lease, entry.Job.Key)
                    : failure is { Cause: not Cause.Stopped } ? Failed(step, entry.Lease, failure, record, done?.Tail ?? "", live.Count > 1, limits) : GiveBack(entry.Lease));
        else
        {
            var found = FindOutputs(step, live, attempt, record, layout).ToList();
            if (done.LogBytes > 0) folders.KeepLog(attempt.Folder, step.Name, [.. found.Where(each => each.Flaw is null).Select(each => each.Job.Job.Id)], found.Exists(each => each.Flaw is not null));
            foreach (var (entry, manifest, folder, flaw) in found)
            {
                if (flaw is { Cause: Cause.DiskFull } && live.Count == 1) AttemptFolders.Delete(attempt.Folder.Root);
                else kept |= flaw is not null;
                settling.Add(flaw is null ? Commit(step, entry.Lease, manifest!, folder, limits)
                    : Failed(step, entry.Lease, flaw, record with { Cause = flaw.Cause, Sentence = flaw.Sentence }, done.Tail, live.Count > 1, limits));
            }
        }
        var ends = await Task.WhenAll(settling);
        if (kept) Keep(step, limits, attempt, asked);
        else folders.Return(attempt.Folder, attempt.Links);
        return ends;
    }

    /// <summary>What is to be run; null where the job settles without running, which is then under way in <paramref name="settling"/>.</summary>
    private async ValueTask<LiveJob?> Prepare(StepProgram step, Lease lease, Attempt attempt, long started, SlotLimits limits, List<Task<JobEnd>> settling, CancellationToken stop)
    {
        var job = lease.Job;
        if (Outputs.Flaw(step, job) is { } flaw)
        {
            settling.Add(Failed(step, lease, flaw, Record(attempt, started, limits, null, flaw), "", false, limits));
            return null;
        }
        if (LooksFirst && !job.Again && await store.Find(step.Name, job.Id, stop) is { } standing)
        {
            settling.Add(Finish(step, lease, standing, DoneHow.AlreadyDone));
            return null;
        }
        IReadOnlyList<ManifestInput>? inputs;
        string? changed;
        try
        {
            (inputs, changed) = await attempt.Verify(job, stop);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // It went between two looks at it.
            (inputs, changed) = (null, job.Key);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var failure = Failure.From(error);
            settling.Add(Failed(step, lease, failure, Record(attempt, started, limits, null, failure), "", false, limits));
            return null;
        }
        if (inputs is null)
        {
            settling.Add(Superseded(lease, changed!));
            return null;
        }
        var content = JobIdentity.OfContent(step.Name, step.Identity, job.Variables, inputs);
        if (job.Again || await store.FindContent(step.Name, content, stop) is not { } equal) return new LiveJob(lease, inputs, content);
        settling.Add(Adopt(step, lease, inputs, equal, error => Record(attempt, started, limits, null, error), limits));
        return null;
    }

    private AttemptRecord Record(Attempt attempt, long started, SlotLimits limits, AgentDone? done, Failure? failure) => new(
        attempt.Folder.Id, started, time.GetUtcNow().ToUnixTimeMilliseconds(), done?.Use, failure?.Cause,
        failure?.Exit ?? done?.Exit ?? 0, failure?.Sentence, limits.Memory > 0 ? limits.Memory : null);

    private static async Task<JobEnd> Superseded(Lease lease, string input)
    {
        await lease.Complete(CancellationToken.None);
        return new JobEnd.Superseded(lease.Job, input);
    }

    private async Task<JobEnd> Adopt(StepProgram step, Lease lease, IReadOnlyList<ManifestInput> inputs, Manifest equal, Func<Failure, AttemptRecord> record, SlotLimits limits)
    {
        try
        {
            if (equal.Job == lease.Job.Id.ToString()) return await Finish(step, lease, equal, DoneHow.AlreadyDone);
            var adopted = Describe(step, lease.Job, inputs, equal.Content, equal.Outputs, equal.Attempts) with { OutputsOf = equal.HeldBy };
            return await Finish(step, lease, await store.Commit(adopted, null, CancellationToken.None), DoneHow.Adopted);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var failure = Failure.From(error);
            return await Failed(step, lease, failure, record(failure), "", false, limits);
        }
    }

    /// <summary>Leaves the folder as somebody needs it who looks for the cause. The failure itself is on record already, so a full disk loses only the convenience.</summary>
    private void Keep(StepProgram step, SlotLimits limits, Attempt attempt, AgentRun? asked)
    {
        try
        {
            if (asked is not null) AttemptFile.Of(step, limits, attempt.SeenIn, asked).Write(attempt.Folder.Record);
            folders.Keep(attempt.Folder);
        }
        catch (IOException)
        {
            if (File.Exists(attempt.Folder.Record)) File.Delete(attempt.Folder.Record);
        }
    }

    /// <summary>Each job's outputs, in a folder that can be moved to where they are kept.</summary>
    private static IEnumerable<(LiveJob Job, Manifest? Manifest, string? Folder, Failure? Flaw)> FindOutputs(
        StepProgram step, IReadOnlyList<LiveJob> live, Attempt attempt, AttemptRecord record, Template layout)
    {
        foreach (var entry in live)
        {
            Manifest? manifest = null;
            Failure? flaw;
            string? folder = null;
            try
            {
                (var outputs, flaw) = Outputs.Find(attempt.Folder.Out, step, entry.Job);
                if (flaw is null)
                {
                    manifest = Describe(step, entry.Job, entry.Inputs, entry.Content, outputs, [record]);
                    flaw = ViewPath.Flaw(ViewPath.Of(manifest, step.Plan, layout));
                }
                if (flaw is null && outputs.Count > 0) folder = Outputs.SetApart(attempt.Folder, outputs, alone: live.Count == 1, entry.Job.Id);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                flaw = Failure.From(error);
            }
            yield return (entry, flaw is null ? manifest : null, folder, flaw);
        }
    }

    private async Task<JobEnd> Commit(StepProgram step, Lease lease, Manifest manifest, string? folder, SlotLimits limits)
    {
        if (await store.Attempts(step.Name, lease.Job.Id, CancellationToken.None) is { Count: > 0 } earlier)
            manifest = manifest with { Attempts = [.. earlier, .. manifest.Attempts] };
        try
        {
            return await Finish(step, lease, await store.Commit(manifest, folder, CancellationToken.None), DoneHow.Ran);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var failure = Failure.From(error);
            return await Failed(step, lease, failure, manifest.Last with { Cause = failure.Cause, Sentence = failure.Sentence }, "", false, limits);
        }
    }

    private async Task<JobEnd> Finish(StepProgram step, Lease lease, Manifest manifest, DoneHow how)
    {
        // What was done before may be what is wanted again: it then is as new as the job that asks for it.
        if (lease.Job.Order > manifest.Order) manifest = manifest with { Order = lease.Job.Order };
        var other = await store.MakeView(manifest, ViewPath.Of(manifest, step.Plan, layout), CancellationToken.None);
        await lease.Complete(CancellationToken.None);
        if (other is not null) return new JobEnd.Done(lease.Job, manifest, how) { HidesBehind = other };
        return new JobEnd.Done(lease.Job, manifest, how);
    }

    private async Task<JobEnd> Failed(StepProgram step, Lease lease, Failure failure, AttemptRecord record, string tail, bool wasBatch, SlotLimits limits)
    {
        var job = lease.Job;
        if (wasBatch)
        {
            // Whose fault it was is found out one by one.
            job = job with { Alone = true };
            await lease.Retry(job, TimeSpan.Zero, CancellationToken.None);
            return new JobEnd.Retried(job, record, TimeSpan.Zero);
        }
        if (failure.Cause == Cause.DiskFull && !job.NeedsRoom) return await TryAlone(lease, record);
        try
        {
            return await Settle(step, lease, failure, record, tail, limits);
        }
        catch (IOException error) when (!job.NeedsRoom && Failure.IsDiskFull(error.Message))
        {
            return await TryAlone(lease, record);
        }
    }

    /// <summary>A full disk may be another job's doing, and leaves no room to write down whom it met. So that does not count as a try.</summary>
    private static async Task<JobEnd> TryAlone(Lease lease, AttemptRecord record)
    {
        var job = lease.Job with { NeedsRoom = true };
        await lease.Retry(job, TimeSpan.Zero, CancellationToken.None);
        return new JobEnd.Retried(job, record, TimeSpan.Zero);
    }

    private async Task<JobEnd> Settle(StepProgram step, Lease lease, Failure failure, AttemptRecord record, string tail, SlotLimits limits)
    {
        var job = lease.Job;
        await store.AddAttempt(step.Name, job.Id, record, CancellationToken.None);
        var attempts = await store.Attempts(step.Name, job.Id, CancellationToken.None);
        var pause = failure.RetryAfter(attempts.Count(attempt => attempt.Cause != Cause.Stopped), step.Algorithm.Retry);
        var memory = failure.Cause == Cause.OutOfMemory ? MoreMemory(limits.Memory, step.Algorithm.Retry) : job.Memory;
        if (pause is not null && (failure.Cause != Cause.OutOfMemory || memory > limits.Memory))
        {
            job = job with { Memory = memory };
            await lease.Retry(job, pause.Value, CancellationToken.None);
            return new JobEnd.Retried(job, record, pause.Value);
        }
        var aside = new FailureRecord
        {
            Job = job.Id.ToString(), Step = job.Step, Key = job.Key, Origin = job.Origin, Meta = job.Meta,
            Cause = failure.Cause, Sentence = failure.Sentence, Attempts = attempts, Tail = tail,
        };
        await store.SetAside(aside, CancellationToken.None);
        await lease.Complete(CancellationToken.None);
        return new JobEnd.SetAside(job, aside);
    }

    private long MoreMemory(long had, RetryPolicy policy)
    {
        if (had == 0) return 0;
        var more = (long)(had * policy.MemoryGrowth);
        return MemoryLimit > 0 ? Math.Min(more, MemoryLimit) : more;
    }

    private static async Task<JobEnd> GiveBack(Lease lease)
    {
        await lease.GiveBack(TimeSpan.Zero, CancellationToken.None);
        return new JobEnd.GivenBack(lease.Job);
    }

    private static Manifest Describe(StepProgram step, Job job, IReadOnlyList<ManifestInput> inputs, string content, IReadOnlyList<ManifestOutput> outputs, IReadOnlyList<AttemptRecord> attempts) => new()
    {
        Job = job.Id.ToString(), Step = job.Step, Key = job.Key, Origin = job.Origin, Content = content,
        Algorithm = step.Identity.ToString(), Image = step.Image, Meta = job.Meta,
        Variables = job.Variables.ToDictionary(pair => pair.Key, pair => pair.Value.Text), Inputs = inputs, Outputs = outputs, Attempts = attempts,
        Missing = job.Missing.Count > 0 ? job.Missing : null, Order = job.Order,
    };

    private sealed record LiveJob(Lease Lease, IReadOnlyList<ManifestInput> Inputs, string Content)
    {
        public Job Job => Lease.Job;
    }
}
