using System.Runtime.InteropServices;
using Yunpipe.Algorithms;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Work;
using Yunpipe.Documents;
using Yunpipe.Work;

namespace Yunpipe.Agent.Cloud;

/// <summary>The agent as a worker of its own, in a container on AWS: drains its step's queue, and ends when that stays empty.
/// <code>
/// TERM      processes end, their jobs are given back at once; what is being sent has until the container is killed
/// idle      ends by itself, so that nothing has to be ended under it
/// </code></summary>
internal static class WorkMode
{
    /// <summary>ECS kills a container 120 seconds after it asked.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(100);

    public static int Run(IReadOnlyDictionary<string, string> environment)
    {
        StaticTls.Prepare();
        Posix.BecomeReaper();
        var (settings, flaw) = WorkSettings.Read(environment);
        using var lines = new LogLines(1, TimeProvider.System);
        if (settings is null)
        {
            lines.Tell("error", flaw!);
            return ReservedExit.Usage;
        }
        using var stop = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => { context.Cancel = true; lines.Tell("info", "Asked to stop: jobs are given back."); stop.Cancel(); });
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => { context.Cancel = true; stop.Cancel(); });
        try
        {
            var work = Task.Run(() => Work(settings, environment, lines, stop.Token));
            var stopped = new TaskCompletionSource();
            using var stopping = stop.Token.UnsafeRegister(_ => stopped.TrySetResult(), null);
            Task.WhenAny(work, stopped.Task).Wait();
            // What is being sent when the time is over is sent again by whoever gets the job next.
            if (!work.Wait(stop.IsCancellationRequested ? StopPatience : Timeout.InfiniteTimeSpan)) return ReservedExit.Stopped;
            return work.Result;
        }
        catch (AggregateException error) when (error.InnerException is YunpipeException or IOException or UnauthorizedAccessException)
        {
            lines.Tell("error", error.InnerException!.Message);
            return ReservedExit.Refused;
        }
        catch (AggregateException error) when (error.InnerException is OperationCanceledException && stop.IsCancellationRequested)
        {
            return ReservedExit.Stopped;
        }
        finally
        {
            ChildTree.KillAll();
        }
    }

    private static async Task<int> Work(WorkSettings settings, IReadOnlyDictionary<string, string> environment, LogLines lines, CancellationToken stop)
    {
        AwsConnection.AllowRoles();
        Directory.CreateDirectory(settings.Scratch);
        using var connection = new AwsConnection(environment);
        WorkLog? log = null;
        await using var launcher = new SlotLauncher(new InProcessLauncher(WorkSettings.ForAlgorithm(environment), run => log!.OutputOf(run)), 1);
        var opened = await DeploymentParts.Open(connection, settings.Deployment, settings.Scratch, launcher, stop);
        if (opened.Value is null)
        {
            foreach (var problem in opened.Problems) lines.Tell("error", problem.ToString());
            return ReservedExit.Refused;
        }
        await using var parts = opened.Value;
        if (parts.Workflow.Steps.FirstOrDefault(candidate => candidate.Name == settings.Step) is not { } found)
        {
            lines.Tell("error", $"The deployment has no step “{settings.Step}”.");
            return ReservedExit.Refused;
        }
        var deployment = parts.Workflow.Deployment;
        log = new WorkLog(lines, deployment.Name, settings.Step, TimeProvider.System);
        var step = await parts.WithReferences(found, Path.Combine(settings.Scratch, "references"), stop);
        await using var queue = parts.QueueOf(step.Name, TimeProvider.System, sentence => lines.Tell("error", sentence), settings.QueueUrl);
        await using var leases = new LeaseKeeper(TimeProvider.System, TimeSpan.FromSeconds(parts.Workflow.StepOf(step.Name).LeaseSeconds));
        // Attempts of all machines have different names: those of outputs in the bucket are made of them.
        var folders = new AttemptFolders(Path.Combine(settings.Scratch, "attempts"), Guid.NewGuid().ToString("N")[..12]) { ForgetsFailed = true };
        // A task of the usual size leaves jobs that ran out of it to larger ones.
        var own = deployment.Steps.First(other => other.Name == step.Name).Task;
        var memory = settings.Memory > 0 ? settings.Memory : (long)(own?.MemoryMiB ?? 0) << 20;
        var worker = new Worker(parts.Store, parts.Input, folders, new DigestCache(256), leases, parts.Workflow.Plan.Workflow.Output.Layout, TimeProvider.System)
        {
            LooksFirst = true, MemoryLimit = own is null ? 0 : (long)own.MostMemoryMiB << 20,
        };
        var once = step.Program.Isolation == Isolation.Job;
        var options = new DrainOptions(1, settings.Idle) { Once = once, Ahead = once ? 0 : 1, Takes = job => memory == 0 || job.Memory <= memory, IsCurrent = cancel => parts.StillStands(step, cancel) };
        using var drain = new Drain(step, queue, worker, options, TimeProvider.System, log.Hear);
        lines.Tell("info", $"Working on {deployment.Name}, step {step.Name}.");
        await drain.Run(CancellationToken.None, stop);
        lines.Tell("info", stop.IsCancellationRequested ? "Stopped." : once ? "One job was asked for." : "Nothing to do any more.");
        return stop.IsCancellationRequested ? ReservedExit.Stopped : 0;
    }
}
