using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.RuntimeDependencies;
using Amazon.S3;
using Amazon.SecurityToken;
using Amazon.SQS;
using Amazon.SSO;
using Amazon.SSOOIDC;
using Yunpipe.Documents;
using Yunpipe.Aws.Calls;

namespace Yunpipe.Aws.Connection;

/// <summary>How AWS, or a service that speaks as it does, is reached: endpoint, region and credentials, from the environment that a program was started with.
/// Credentials are looked for as every AWS tool does: variables, profiles, SSO, web identity, container and instance roles.</summary>
public sealed class AwsConnection(IReadOnlyDictionary<string, string> environment) : IDisposable
{
    /// <summary>Seven tries: at one lost request in twenty, one in a thousand million stays lost.</summary>
    private const int Retries = 6;

    private readonly List<IDisposable> _clients = [];
    private readonly Lock _lock = new();

    /// <summary>How long a request may take until its answer begins.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Null for AWS itself.</summary>
    public string? S3Endpoint { get; } = environment.GetValueOrDefault("AWS_ENDPOINT_URL_S3") ?? environment.GetValueOrDefault("AWS_ENDPOINT_URL");

    public string? SqsEndpoint { get; } = environment.GetValueOrDefault("AWS_ENDPOINT_URL_SQS") ?? environment.GetValueOrDefault("AWS_ENDPOINT_URL");

    public string? Region { get; } = Said(environment, "AWS_REGION") ?? Said(environment, "AWS_DEFAULT_REGION");

    /// <summary>The region that the environment or the profile names; without one there is nothing to ask.</summary>
    public string RequireRegion() => Region ?? FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName ?? throw NoRegion();

    /// <summary>Makes roles that are assumed through a token (web identity, profiles with a role) work in a program that is compiled ahead of time.</summary>
    public static void AllowRoles() => GlobalRuntimeDependencyRegistry.Instance.RegisterSecurityTokenServiceClient(context =>
        new AmazonSecurityTokenServiceClient(new AnonymousAWSCredentials(), context.SecurityTokenServiceClientContextData.Region));

    /// <summary>The same for profiles that sign on through a browser.</summary>
    public static void AllowSignOn()
    {
        GlobalRuntimeDependencyRegistry.Instance.RegisterSSOClient(context => new AmazonSSOClient(new AnonymousAWSCredentials(), context.SSOClientContextData.Region));
        GlobalRuntimeDependencyRegistry.Instance.RegisterSSOOIDCClient(context => new AmazonSSOOIDCClient(new AnonymousAWSCredentials(), context.SSOOIDCClientContextData.Region));
    }

    /// <param name="anonymous">True for a public bucket, which is read without any credentials.</param>
    public IAmazonS3 S3(bool anonymous = false)
    {
        var config = new AmazonS3Config { ForcePathStyle = S3Endpoint is not null };
        Configure(config, S3Endpoint);
        if (S3Endpoint is not null)
        {
            // Services other than AWS do not know the newer checksums.
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        return Keep<IAmazonS3>(() => anonymous ? new AmazonS3Client(new AnonymousAWSCredentials(), config) : Given() is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config));
    }

    public IAmazonSQS Sqs()
    {
        var config = new AmazonSQSConfig();
        Configure(config, SqsEndpoint);
        return Keep<IAmazonSQS>(() => Given() is { } credentials ? new AmazonSQSClient(credentials, config) : new AmazonSQSClient(config));
    }

    /// <summary>Calls of services without an SDK client.</summary>
    /// <param name="patience">How long one may take; null for 20 seconds.</param>
    public AwsCalls Calls(TimeProvider time, Random random, TimeSpan? patience = null)
    {
        var http = Keep(() => new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = patience ?? TimeSpan.FromSeconds(20) });
        var region = Region ?? (environment.ContainsKey("AWS_ENDPOINT_URL") ? "us-east-1" : RequireRegion());
        return new AwsCalls(http, new CallSettings(region, environment.GetValueOrDefault("AWS_ENDPOINT_URL"), Keys) { Suffix = AwsPartition.Of(region).Suffix }, time, random);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var client in _clients) client.Dispose();
            _clients.Clear();
        }
    }

    private void Configure(ClientConfig config, string? endpoint)
    {
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = Retries;
        config.Timeout = Patience;
        config.ConnectTimeout = TimeSpan.FromSeconds(10) < Patience ? TimeSpan.FromSeconds(10) : Patience;
        config.DisableLogging = true;
        if (config is AmazonS3Config s3) s3.MaxConnectionsPerServer = 64;
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = Region ?? "us-east-1";
        }
        else if (Region is not null) config.RegionEndpoint = RegionEndpoint.GetBySystemName(Region);
    }

    /// <summary>Keys that the environment names come before all else; the rest of the chain is the SDK's.</summary>
    private AWSCredentials? Given()
    {
        if (environment.GetValueOrDefault("AWS_ACCESS_KEY_ID") is not { Length: > 0 } id || environment.GetValueOrDefault("AWS_SECRET_ACCESS_KEY") is not { Length: > 0 } secret) return null;
        return environment.GetValueOrDefault("AWS_SESSION_TOKEN") is { Length: > 0 } token ? new SessionAWSCredentials(id, secret, token) : new BasicAWSCredentials(id, secret);
    }

    private async ValueTask<AwsKeys> Keys(CancellationToken cancel)
    {
        try
        {
            var keys = await (Given() ?? DefaultAWSCredentialsIdentityResolver.GetCredentials()).GetCredentialsAsync();
            return new AwsKeys(keys.AccessKey, keys.SecretKey, keys.UseToken ? keys.Token : null);
        }
        catch (AmazonClientException error)
        {
            throw new UnauthorizedAccessException($"There are no credentials for AWS: {error.Message.TrimEnd('.')}. Log in (aws configure, aws sso login), or set AWS_PROFILE.", error);
        }
    }

    private static string? Said(IReadOnlyDictionary<string, string> environment, string name) => environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private static YunpipeException NoRegion() =>
        new(new Problem("YP6002", "No region of AWS is set, and none is found.", null, "Set AWS_REGION, or a region in ~/.aws/config; for another service set AWS_ENDPOINT_URL."));

    private T Keep<T>(Func<T> make) where T : IDisposable
    {
        T client;
        try
        {
            client = make();
        }
        catch (AmazonClientException) when (Region is null)
        {
            throw NoRegion();
        }
        lock (_lock) _clients.Add(client);
        return client;
    }
}
