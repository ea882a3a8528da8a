using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;

namespace Yunpipe.Aws.Connection;

/// <summary>Turns what the SDK throws into what the rest of Yunpipe expects of stores and queues: an <see cref="IOException"/> for what may pass,
/// an <see cref="UnauthorizedAccessException"/> for what will not.</summary>
internal static class AwsErrors
{
    public static async Task<T> Guard<T>(string what, Func<Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return await call();
        }
        catch (Exception error) when (Plain(what, error, cancel) is { } plain)
        {
            throw plain;
        }
    }

    public static bool Is(this AmazonServiceException error, HttpStatusCode status) => error.StatusCode == status;

    /// <summary>Null for what is not the service's or the network's.</summary>
    private static Exception? Plain(string what, Exception error, CancellationToken cancel) => error switch
    {
        OperationCanceledException when cancel.IsCancellationRequested => null,
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } denied =>
            new UnauthorizedAccessException($"AWS does not allow it to {what}: {Sentence(denied)}. Look at the credentials (AWS_PROFILE) and at the policies of role and bucket.", error),
        AmazonServiceException { ErrorCode: "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" } or AmazonServiceException { StatusCode: HttpStatusCode.MovedPermanently } =>
            new IOException($"It was not possible to {what}: the bucket is in another region. Set AWS_REGION to the bucket's.", error),
        AmazonServiceException service => new IOException($"It was not possible to {what}: {Sentence(service)}", error),
        AmazonClientException { Message: var message } when message.StartsWith("Failed to resolve AWS credentials", StringComparison.Ordinal) =>
            new UnauthorizedAccessException($"It was not possible to {what}: no credentials for AWS are found. Log in (aws configure, aws sso login), or set AWS_PROFILE.", error),
        AmazonClientException => new UnauthorizedAccessException($"It was not possible to {what}: {error.Message.TrimEnd('.')}. Look at the credentials (AWS_PROFILE) and AWS_REGION.", error),
        HttpRequestException or SocketException or TimeoutException or OperationCanceledException or System.Xml.XmlException => new IOException($"It was not possible to {what}: {error.Message}", error),
        IOException { Message: var message } when !message.StartsWith("It was", StringComparison.Ordinal) && error is not PathTooLongException && !message.Contains("No space left", StringComparison.Ordinal) =>
            new IOException($"It was not possible to {what}: {message}", error),
        _ => null,
    };

    private static string Sentence(AmazonServiceException error) =>
        // What only asks for the head of an object gets no words.
        string.IsNullOrWhiteSpace(error.Message) || error.Message.StartsWith("Error making request", StringComparison.Ordinal) ? $"the service answered {(int)error.StatusCode} {error.ErrorCode}" : error.Message.TrimEnd('.');
}
