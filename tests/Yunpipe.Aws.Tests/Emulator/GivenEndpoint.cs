using Yunpipe.Aws.Connection;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>An S3 and SQS that whoever runs the tests names by <c>AWS_ENDPOINT_URL</c>. Tests are skipped where nobody does.</summary>
internal static class GivenEndpoint
{
    private static readonly string[] Handed = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

    public static AwsConnection Connect()
    {
        var (environment, _) = Look();
        return new AwsConnection(environment);
    }

    /// <summary>For the environment of programs that find everything else elsewhere.</summary>
    public static IReadOnlyDictionary<string, string> OfS3AndSqs()
    {
        var (environment, url) = Look();
        return new Dictionary<string, string>(environment.Where(entry => Handed.Contains(entry.Key))) { ["AWS_ENDPOINT_URL_S3"] = url, ["AWS_ENDPOINT_URL_SQS"] = url };
    }

    private static (IReadOnlyDictionary<string, string> Environment, string Url) Look()
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        if (!environment.TryGetValue("AWS_ENDPOINT_URL", out var url)) Assert.Skip("AWS_ENDPOINT_URL names no service to test against.");
        return (environment, url!);
    }
}
