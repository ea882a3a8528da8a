using System.Text.Json;
using Yunpipe.Aws.Events;
using Yunpipe.Dispatch;
using Yunpipe.Fleet;

namespace Yunpipe.Dispatcher;

/// <summary>Answers one call after the other.
/// <code>
/// call                       answer
/// messages of the queue      those that failed are named, and come again alone
/// events straight from S3    a failure fails the call, and Lambda tries it again
/// each minute                groups and reminders that are due, a stretch of the sweep, tasks; what fails is left to the next minute
/// submit                     a stretch of the input, or a list of keys; says where to go on
/// retry                      jobs that were set aside are forgotten, and sent
/// </code></summary>
internal sealed class Handler(DeploymentOnAws deployment, Dispatch.Dispatcher dispatcher, FleetRound? fleet, TimeProvider time, DispatchLog log)
{
    /// <summary>A stretch of the sweep, and of what is submitted: what a call can do well within its time.</summary>
    private const int Stretch = 2000, MostDue = 200;

    /// <summary>Tasks are looked at again no sooner, however many events come.</summary>
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(5);

    /// <summary>Of a minute's call, for what is due and for the sweep; the rest is for tasks.</summary>
    private const double LookShare = 0.7;
    private long _lastRound;
    private bool _hasRound;

    /// <param name="left">Of the call's time.</param>
    public async Task<byte[]> Answer(ReadOnlyMemory<byte> payload, TimeSpan left, CancellationToken cancel)
    {
        switch (EventReader.Read(payload))
        {
            case Invocation.Messages messages:
                return JsonSerializer.SerializeToUtf8Bytes(await Messages(messages.All, cancel), FleetJson.Default.BatchAnswer);
            case Invocation.Direct direct:
                var (handled, _) = await Handle([.. direct.Happenings.Select((happening, at) => (happening, at))], cancel);
                if (handled.Failed.Count > 0) throw new IOException(handled.Failed.Values.First());
                return "{}"u8.ToArray();
            case Invocation.Minute:
                return JsonSerializer.SerializeToUtf8Bytes(await Minute(left, cancel), FleetJson.Default.MinuteAnswer);
            case Invocation.Asked { Request: { Yunpipe: "minute" } }:
                return JsonSerializer.SerializeToUtf8Bytes(await Minute(left, cancel), FleetJson.Default.MinuteAnswer);
            case Invocation.Asked { Request: { Yunpipe: "submit" } request }:
                return JsonSerializer.SerializeToUtf8Bytes(await Submit(request, cancel), FleetJson.Default.Submitted);
            case Invocation.Asked { Request: { Yunpipe: "retry" } request }:
                return JsonSerializer.SerializeToUtf8Bytes(await Retry(request.Jobs, cancel), FleetJson.Default.Retried);
            case Invocation.Asked { Request: var other }:
                throw new InvalidDataException($"The dispatcher does not know the request “{other.Yunpipe}”; it knows submit, retry and minute.");
            case Invocation.Unreadable unreadable:
                throw new InvalidDataException(unreadable.Why);
            default:
                throw new InvalidOperationException("An invocation of no known kind.");
        }
    }

    private async Task<BatchAnswer> Messages(IReadOnlyList<EventMessage> messages, CancellationToken cancel)
    {
        var failed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in messages)
            if (message.Flaw is { } flaw && failed.Add(message.Id)) log.Tell("error", $"A message cannot be read, and will end among the dead letters. {flaw}");
        try
        {
            var (handled, positions) = await Handle([.. messages.SelectMany((message, at) => message.Happenings.Select(happening => (happening, at)))], cancel);
            foreach (var (at, why) in handled.Failed)
                if (failed.Add(messages[positions[at]].Id)) log.Tell("warning", $"An event comes again, since it could not be handled: {why}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            log.Tell("warning", $"All events of the call come again: {error.Message}");
            failed.UnionWith(messages.Select(message => message.Id));
        }
        return new BatchAnswer([.. failed.Select(id => new FailedItem(id))]);
    }

    /// <returns>The outcome, and for each event in it the position that it came with.</returns>
    private async Task<(Handled Handled, IReadOnlyList<int> Positions)> Handle(IReadOnlyList<(Happening Happening, int At)> happenings, CancellationToken cancel)
    {
        var events = new List<StoreEvent>();
        var positions = new List<int>();
        foreach (var (happening, at) in happenings)
            if (happening is Happening.InstanceEnds ends)
            {
                log.Tell("info", $"The spot instance {ends.Instance} is taken back: its tasks are told.");
                if (fleet is not null) await fleet.LeaveInstance(ends.Instance, cancel);
            }
            else if (StoreEvents.Of(happening, deployment.Workflow.Deployment) is { } happened)
            {
                events.Add(happened);
                positions.Add(at);
            }
        if (events.Count == 0) return (new Handled(0, new Dictionary<string, int>(), new Dictionary<int, string>()), positions);
        var handled = await dispatcher.Handle(events, cancel);
        log.Tell("info", "Events were handled.", ("events", events.Count), ("looked", handled.Looked), ("sent", handled.Sent.Values.Sum()), ("failed", handled.Failed.Count));
        if (handled.Sent.Count > 0 && (!_hasRound || time.GetElapsedTime(_lastRound) >= BetweenRounds)) await Tasks(null, handled.Sent, cancel);
        return (handled, positions);
    }

    private async Task<MinuteAnswer> Minute(TimeSpan left, CancellationToken cancel)
    {
        var sent = new Dictionary<string, int>(StringComparer.Ordinal);
        var (looked, swept, whole) = (0, 0, false);
        var depths = await deployment.Depths(cancel);
        // A group of very many members must not keep jobs from getting their tasks.
        using var looking = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        looking.CancelAfter(left * LookShare);
        try
        {
            var empty = depths.Where(depth => depth.Value is { Waiting: 0, InFlight: 0 }).Select(depth => depth.Key).ToHashSet(StringComparer.Ordinal);
            var due = await dispatcher.LookAtDue(MostDue, empty, looking.Token);
            looked = due.Looked;
            Add(due.Sent);
            var sweep = await dispatcher.Sweep(Stretch, empty, looking.Token);
            swept = sweep.Files;
            Add(sweep.Sent);
            whole = due.Failed.Count + sweep.Failed.Count == 0;
            if (!whole) log.Tell("warning", $"Some of this minute's work is left to the next: {due.Failed.Values.Concat(sweep.Failed.Values).First()}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException || error is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            // Tasks are looked at all the same: jobs wait for them.
            log.Tell("warning", $"This minute's look at the store is left to the next: {error.Message}");
        }
        var decision = await Tasks(depths, sent, cancel);
        await Notices(whole && sent.Count == 0 && depths.Values.All(depth => depth is { Waiting: 0, InFlight: 0 }), cancel);
        log.Tell("info", "A minute went by.", ("looked", looked), ("swept", swept), ("sent", sent.Values.Sum()));
        return new MinuteAnswer(looked, swept, sent.Values.Sum(), decision?.Starts.Sum(start => start.Count) ?? 0, decision?.Stops.Count ?? 0, [.. (decision?.Words ?? []).Select(word => word.Sentence)]);

        void Add(IReadOnlyDictionary<string, int> more)
        {
            foreach (var (step, count) in more) sent[step] = sent.GetValueOrDefault(step) + count;
        }
    }

    private async Task Notices(bool idle, CancellationToken cancel)
    {
        try
        {
            await dispatcher.Tell(idle, cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.Tell("warning", $"People are told with the next minute: {error.Message}");
        }
    }

    private async Task<Submitted> Submit(DispatchRequest request, CancellationToken cancel)
    {
        var asked = new SubmitRequest(request.Keys, request.Prefix, request.After, request.FromStep, request.Again, request.DryRun);
        var submitted = await dispatcher.Submit(asked, Stretch, cancel);
        log.Tell("info", "Files were submitted.", ("files", submitted.Files), ("sent", submitted.Sent));
        if (submitted.Sent > 0) await Tasks(null, submitted.Jobs, cancel);
        return submitted;
    }

    private async Task<Retried> Retry(IReadOnlyList<string> jobs, CancellationToken cancel)
    {
        var retried = await dispatcher.Retry(jobs, cancel);
        log.Tell("info", "Jobs are tried again.", ("forgotten", retried.Forgotten), ("sent", retried.Sent.Values.Sum()));
        if (retried.Sent.Count > 0) await Tasks(null, retried.Sent, cancel);
        return retried;
    }

    /// <summary>Starts and stops tasks. What was just sent may not show in the counts of SQS yet.</summary>
    private async Task<FleetDecision?> Tasks(IReadOnlyDictionary<string, Depth>? depths, IReadOnlyDictionary<string, int> sent, CancellationToken cancel)
    {
        if (fleet is null) return null;
        (_lastRound, _hasRound) = (time.GetTimestamp(), true);
        try
        {
            var counted = new Dictionary<string, Depth>(depths ?? await deployment.Depths(cancel), StringComparer.Ordinal);
            foreach (var (step, count) in sent)
                if (counted.TryGetValue(step, out var depth) && depth.Waiting < count) counted[step] = depth with { Waiting = count };
            return await fleet.Run(counted, dispatcher.JobSeconds, step => deployment.Large(step, cancel), cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.Tell("error", $"Tasks could not be looked at; the next minute does: {error.Message}");
            return null;
        }
    }
}
