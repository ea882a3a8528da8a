namespace Yunpipe.Dispatcher;

/// <summary>Takes calls and answers them. The deployment is read before the first call is taken, so that what is wrong with it fails the start and not the call.</summary>
internal sealed class DispatchLoop(LambdaRuntime runtime, Func<CancellationToken, Task<(Handler? Handler, string? Flaw)>> open, TimeProvider time, DispatchLog log)
{
    /// <summary>Left of a call's time for its answer to be sent.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>Ends only when Lambda ends the program, or where it cannot start.</summary>
    public async Task<int> Run(CancellationToken cancel)
    {
        Handler handler;
        try
        {
            var (opened, flaw) = await open(cancel);
            if (opened is null)
            {
                log.Tell("error", flaw!);
                await runtime.FailToStart("Yunpipe.Deployment", flaw!, cancel);
                return 1;
            }
            handler = opened;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.Tell("error", error.Message);
            await runtime.FailToStart("Yunpipe.Start", error.Message, cancel);
            return 1;
        }
        while (!cancel.IsCancellationRequested)
        {
            var call = await runtime.Next(cancel);
            log.Call = call.Id;
            await Answer(handler, call, cancel);
        }
        return 0;
    }

    private async Task Answer(Handler handler, LambdaCall call, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var left = call.Deadline == DateTimeOffset.MaxValue ? TimeSpan.FromMinutes(15) : call.Deadline - time.GetUtcNow() - Margin;
        if (left < TimeSpan.Zero) left = TimeSpan.Zero;
        late.CancelAfter(left);
        try
        {
            await runtime.Answer(call.Id, await handler.Answer(call.Payload, left, late.Token), cancel);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            await Fail("Yunpipe.Late", "The call was not done in its time, and comes again.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Fail("Yunpipe.Failed", error.Message);
        }
        catch (Exception error)
        {
            // A bug fails its own call, with all that is known of it, and not those that follow.
            await Fail("Yunpipe.Bug", error.ToString());
        }

        async Task Fail(string type, string sentence)
        {
            log.Tell("error", sentence);
            await runtime.Fail(call.Id, type, sentence, cancel);
        }
    }
}
