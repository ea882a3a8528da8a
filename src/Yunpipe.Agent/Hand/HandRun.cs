using Yunpipe.Algorithms;
using Yunpipe.Work;

namespace Yunpipe.Agent.Hand;

/// <summary>Runs the calls one after the other. One that fails does not stop the others; its code is the answer.</summary>
internal sealed class HandRun(Algorithm algorithm, IReadOnlyDictionary<string, VariableValue> values, string results, IReadOnlyDictionary<string, string> environment)
{
    public int Run(IReadOnlyList<HandJob> jobs)
    {
        Posix.BecomeReaper();
        using var interruption = new Interruption();
        ResultFolder folder;
        try
        {
            folder = ResultFolder.Open(results);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return HandWords.Fail(ReservedExit.Usage, $"{HandCodes.Folder}: The folder for the results cannot be made: {error.Message}");
        }
        int code = 0, done = 0;
        for (var i = 0; i < jobs.Count; i++)
        {
            if (jobs.Count > 1) HandWords.Say($"[{i + 1}/{jobs.Count}] {jobs[i].Key}");
            var ended = Try(jobs[i], folder, interruption);
            if (ended == 0) done++;
            else if (code == 0) code = ended;
            while (interruption.Take() != 0) { }
            if (interruption.First == 0) continue;
            if (i + 1 < jobs.Count) HandWords.Say($"Stopped; {jobs.Count - i - 1} of {jobs.Count} images were not begun.");
            return code == 0 && i + 1 < jobs.Count ? ReservedExit.Stopped : code;
        }
        if (jobs.Count > 1) HandWords.Say($"{done} of {jobs.Count} images have their results.");
        return code;
    }

    private int Try(HandJob job, ResultFolder folder, Interruption interruption)
    {
        using var call = new HandCall(algorithm, values, job, folder, environment);
        try
        {
            return call.Run(interruption);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return HandWords.Fail(ReservedExit.Failed, $"{HandCodes.Files}: {job.Key}: {error.Message}");
        }
    }
}
