using Yunpipe.Aws.Calls;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Cli.Deploying;

/// <summary>What AWS, or the way to it, may answer to a command: one sentence each, here and nowhere else.</summary>
internal static class CloudErrors
{
    public const string Refused = "YP6230", NotAllowed = "YP6231", Unreachable = "YP6232", CannotGoOn = "YP6302";

    private static readonly string[] Busy = ["TooManyRequestsException", "ThrottlingException", "Throttling", "RequestLimitExceeded", "SlowDown"], Closed = ["UnrecognizedClientException", "ExpiredToken", "ExpiredTokenException"];

    /// <summary>For a command that only talks to AWS.</summary>
    public static async Task<int> Tell(CliContext context, bool json, Func<Task<int>> act)
    {
        try
        {
            return await act();
        }
        catch (ImageException error)
        {
            return context.Terminal.Tell([error.Problem], json);
        }
        catch (YunpipeException error)
        {
            return context.Terminal.Tell([error.Problem], json);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return context.Terminal.Tell([Of(error)], json);
        }
    }

    /// <param name="deployment">As the command line names the one that was asked; null where there is none yet.</param>
    public static Problem Of(Exception error, string? deployment = null)
    {
        var (about, says) = (deployment is null ? "" : $"{Wording.Quote(deployment)}: ", error.Message.TrimEnd('.'));
        return error switch
        {
            AwsRefusal refusal when Busy.Contains(refusal.Code) => new Problem(CannotGoOn, $"AWS wants fewer calls{(deployment is null ? "" : $" for {Wording.Quote(deployment)}")} just now: {says}.", null, "The same command goes on in a while."),
            AwsRefusal refusal when refusal.Status == 403 || refusal.Code.StartsWith("AccessDenied", StringComparison.Ordinal) || Closed.Contains(refusal.Code) =>
                new Problem(NotAllowed, $"{about}{says}.", null, "Look at the credentials (AWS_PROFILE) and what they allow: yunpipe doctor."),
            AwsRefusal => new Problem(Refused, $"{about}{says}."),
            UnauthorizedAccessException => new Problem(NotAllowed, $"{about}{says}."),
            FunctionFailure => new Problem(CannotGoOn, deployment is null ? $"{says}." : $"The dispatcher of {Wording.Quote(deployment)} failed: {says}.", null, "Its log says more; the same command tries it again."),
            _ => new Problem(Unreachable, deployment is null ? $"{says}." : $"{Wording.Quote(deployment)} cannot be reached: {says}."),
        };
    }
}
