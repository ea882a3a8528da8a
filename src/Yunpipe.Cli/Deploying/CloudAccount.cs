using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Deploying;
using Yunpipe.Aws.Stores;

namespace Yunpipe.Cli.Deploying;

/// <summary>The account and region in which is deployed, and the services that this takes.</summary>
internal sealed class CloudAccount : IDisposable
{
    private readonly S3Transfer _transfer = new(new S3Limits());

    private CloudAccount(AwsConnection connection, AwsCalls calls, AwsIdentity who, string region) =>
        (Connection, Calls, Who, Region, Stacks, Registry, Tags) = (connection, calls, who, region, new StackCalls(calls), new RegistryCalls(calls), new TagCalls(calls));

    public AwsConnection Connection { get; }
    public AwsCalls Calls { get; }
    public AwsIdentity Who { get; }
    public string Region { get; }
    public StackCalls Stacks { get; }
    public RegistryCalls Registry { get; }
    public TagCalls Tags { get; }

    public AwsPartition Partition => AwsPartition.Of(Region);

    public StagingBucket Staging => new(Connection.S3(), _transfer, DeploymentNames.Staging(Who.Account, Region), Region);

    /// <summary>Finds out who we are; what is wrong with credentials or region is an exception that says so.</summary>
    public static async Task<CloudAccount> Open(CliContext context, CancellationToken cancel)
    {
        AwsConnection.AllowRoles();
        AwsConnection.AllowSignOn();
        var connection = new AwsConnection(context.Environment);
        try
        {
            var region = connection.RequireRegion();
            var calls = connection.Calls(context.Time, new Random());
            return new CloudAccount(connection, calls, await new IdentityCalls(calls).Who(cancel), region);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Puts in what a template leaves to CloudFormation.</summary>
    public string Fill(string text) => text.Replace("${AWS::AccountId}", Who.Account, StringComparison.Ordinal).Replace("${AWS::Region}", Region, StringComparison.Ordinal)
        .Replace("${AWS::URLSuffix}", Partition.Suffix, StringComparison.Ordinal).Replace("${AWS::Partition}", Partition.Name, StringComparison.Ordinal);

    /// <summary>AWS counts how often it is asked; what stands on this machine does not.</summary>
    public static TimeSpan BetweenLooks(CliContext context) => TimeSpan.FromMilliseconds(context.Environment.ContainsKey("AWS_ENDPOINT_URL") ? 50 : 3000);

    public void Dispose()
    {
        Connection.Dispose();
        _transfer.Dispose();
    }
}
