using Yunpipe.Aws.Calls;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Cli.Deploying;

/// <summary>What AWS, or the way to it, may answer to a command that only talks to AWS: one sentence each.</summary>
internal static class CloudErrors
{
    public const string Refused = "YP6230", NotAllowed = "YP6231", Unreachable = "YP6232";

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
        catch (AwsRefusal refusal) when (refusal.Status == 403 || refusal.Code.StartsWith("AccessDenied", StringComparison.Ordinal) || refusal.Code is "UnrecognizedClientException" or "ExpiredToken")
        {
            return context.Terminal.Tell([new Problem(NotAllowed, refusal.Message, null, "Look at the credentials (AWS_PROFILE) and what they allow: yunpipe doctor.")], json);
        }
        catch (UnauthorizedAccessException denied)
        {
            return context.Terminal.Tell([new Problem(NotAllowed, denied.Message)], json);
        }
        catch (AwsRefusal refusal)
        {
            return context.Terminal.Tell([new Problem(Refused, refusal.Message)], json);
        }
        catch (IOException error)
        {
            return context.Terminal.Tell([new Problem(Unreachable, error.Message)], json);
        }
    }
}
