using System.CommandLine;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Deploying;
using Yunpipe.Aws.Deployments;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Work;
using Yunpipe.Cli.Deploying;
using Yunpipe.Documents;
using Yunpipe.Work;

namespace Yunpipe.Cli.Commands;

/// <summary>A deployment as the command line names it.
/// <code>
/// aws:NAME              the deployment of that name
/// s3://bucket/prefix    where it keeps its records
/// NAME                  where no folder here is called so
/// </code></summary>
internal static class DeploymentPlace
{
    public const string Force = "aws:", Unknown = "YP6300", NotWhole = "YP6301";

    /// <summary>Any of these says that somebody means to use AWS here.</summary>
    private static readonly string[] Signs = ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"];

    public static Argument<string> Argument() => new("deployment") { Description = "A deployment: its name, or where it keeps its records, s3://bucket/prefix.", HelpName = "DEPLOYMENT" };

    /// <summary>For verbs that look at results, wherever they are.</summary>
    public static Argument<string> OrFolder() => new("output")
    {
        Description = "The output folder of a run, or a deployment: its name, or where it keeps its records, s3://bucket/prefix. A folder comes first; aws:NAME is the deployment in any case.", HelpName = "OUT",
    };

    /// <summary>True where no folder of this machine is meant.</summary>
    public static bool IsMeant(CliContext context, string? text) => text is not null
        && (text.StartsWith(Force, StringComparison.Ordinal) || S3Address.Names(text) || DeploymentNames.IsName(text) && !Directory.Exists(text) && HasAws(context.Environment));

    /// <summary>Opens a deployment to look at it, or to ask its dispatcher.</summary>
    /// <param name="orFolder">True where a folder would have done, too.</param>
    public static async Task<Reading<OpenDeployment>> Open(CliContext context, string text, CancellationToken cancel, bool orFolder = false)
    {
        var places = new S3Places(context);
        var scratch = Directory.CreateTempSubdirectory("yunpipe-look-").FullName;
        try
        {
            var found = await Find(context, places, text, cancel, orFolder);
            var opened = found.Value is { } place ? await DeploymentParts.Open(places.Connection, place, scratch, new NoLauncher(), cancel) : null;
            if (opened?.Value is { } parts) return new(new OpenDeployment(places, parts, scratch, context.Time, text), []);
            Close();
            return new(null, opened?.Problems ?? found.Problems);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Close();
            return new(null, [CloudErrors.Of(error, text)]);
        }
        catch (YunpipeException error)
        {
            Close();
            return new(null, [error.Problem]);
        }

        void Close()
        {
            places.Dispose();
            AttemptFolders.Delete(scratch);
        }
    }

    /// <summary>Where the deployment keeps its records.</summary>
    public static async Task<Reading<string>> Find(CliContext context, S3Places places, string text, CancellationToken cancel, bool orFolder = false)
    {
        if (S3Address.Names(text)) return new(text, []);
        var name = text.StartsWith(Force, StringComparison.Ordinal) ? text[Force.Length..] : text;
        if (!DeploymentNames.IsName(name)) return new(null, [new Problem(Unknown, $"{Wording.Quote(name)} cannot be the name of a deployment.", null, DeploymentNames.Rule)]);
        var stack = await new StackCalls(places.Connection.Calls(context.Time, new Random())).Describe(DeploymentNames.Stack(name), cancel);
        if (stack is null)
            return new(null, [new Problem(Unknown, $"There is no deployment {Wording.Quote(name)}{(places.Connection.Region is { } region ? $" in {region}" : "")}{(orFolder && name == text ? ", and no folder of that name here" : "")}.", null,
                "Look at its name, and at AWS_REGION and AWS_PROFILE.")]);
        return stack.Outputs.TryGetValue("WorkBucket", out var bucket) ? new(S3Address.Scheme + bucket, [])
            : new(null, [new Problem(NotWhole, $"The deployment {Wording.Quote(name)} does not stand: its stack is in {stack.Status}{(stack.StatusReason is { } why ? $" ({why.TrimEnd('.')})" : "")}.", null, "Wait for it, or deploy it again.")]);
    }

    private static bool HasAws(IReadOnlyDictionary<string, string> environment) =>
        Signs.Any(sign => environment.GetValueOrDefault(sign) is { Length: > 0 }) || environment.GetValueOrDefault("HOME") is { Length: > 0 } home && Directory.Exists(Path.Combine(home, ".aws"));
}

/// <summary>A deployment that was opened, with the connection to it.</summary>
/// <param name="said">What the command line calls it, for commands that can be copied.</param>
internal sealed class OpenDeployment(S3Places places, DeploymentParts parts, string scratch, TimeProvider time, string said) : IAsyncDisposable
{
    public DeploymentParts Parts => parts;
    public string Said => said;
    public string Name => parts.Workflow.Deployment.Name;
    public IReadOnlyList<string> Steps => [.. parts.Workflow.Steps.Select(step => step.Name)];

    /// <param name="patience">How long a call may take.</param>
    public AwsCalls Calls(TimeSpan? patience = null) => places.Connection.Calls(time, new Random(), patience);

    /// <summary>The dispatcher, where the deployment has one.</summary>
    public Reading<DispatcherFunction> Dispatcher() => parts.Workflow.Deployment.Dispatcher is { } function
        ? new(new DispatcherFunction(new LambdaCalls(Calls(DispatcherFunction.Patience)), function), [])
        : new(null, [new Problem("YP6303", $"The deployment {Wording.Quote(Name)} says of no function that sends its jobs.", null, "Deploy the workflow again with this release.")]);

    /// <summary>A problem where the deployment has no such step.</summary>
    public Problem? Lacks(string? step) => step is null || Steps.Contains(step) ? null
        : new Problem("YP6020", $"The deployment has no step {Wording.Quote(step)}.", null, Wording.DidYouMean(step, Steps) ?? $"It has {string.Join(", ", Steps)}.");

    /// <summary>The jobs that a text can mean; the place of an image in the input bucket is its item.</summary>
    public Task<IReadOnlyList<Stores.KnownJob>> Named(string text, CancellationToken cancel) => parts.Store.Named(Item(text), [.. Steps, Runs.Run.InputStep], cancel);

    /// <summary>The item's name, where a text is the place of an image in the input bucket.</summary>
    public string Item(string text)
    {
        var input = parts.Workflow.Deployment.Input;
        var root = $"{S3Address.Scheme}{input.Bucket}/{input.Prefix}";
        return text.StartsWith(root, StringComparison.Ordinal) ? text[root.Length..] : text;
    }

    /// <summary>Whether a worker holds a message of the step. True where nobody may look.</summary>
    public async Task<bool> IsWorkedOn(string step, CancellationToken cancel)
    {
        try
        {
            await using var queue = parts.QueueOf(step, time, _ => { });
            return (await queue.Count(cancel)).Held > 0;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await parts.DisposeAsync();
        places.Dispose();
        AttemptFolders.Delete(scratch);
    }
}
