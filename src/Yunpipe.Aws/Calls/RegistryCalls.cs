using System.Text;
using System.Text.Json.Serialization;

namespace Yunpipe.Aws.Calls;

/// <summary>A login that is good for twelve hours.</summary>
/// <param name="Address">Of the registry, as <c>https://host</c>.</param>
public sealed record RegistryAccess(string Address, string User, string Password);

/// <summary>The calls of ECR that deploying takes (Amazon ECR API reference, version 2015-09-21).</summary>
public sealed class RegistryCalls(AwsCalls calls)
{
    private const string Service = "ecr", Target = "AmazonEC2ContainerRegistry_V20150921";

    public async Task<RegistryAccess> LogIn(CancellationToken cancel)
    {
        var answer = await calls.Json(Service, Target, "GetAuthorizationToken", new NothingAsked(), EcrJson.Default.NothingAsked, EcrJson.Default.LoginAnswer, cancel);
        if (answer.AuthorizationData is not [{ AuthorizationToken: { } token, ProxyEndpoint: { } address }, ..]) throw new IOException("ECR gave no login.");
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(token));
        var colon = pair.IndexOf(':');
        return new RegistryAccess(address, pair[..colon], pair[(colon + 1)..]);
    }

    /// <summary>Makes a repository whose tags cannot be moved, unless it is there.</summary>
    public async Task Ensure(string repository, IEnumerable<KeyValuePair<string, string>> tags, CancellationToken cancel)
    {
        try
        {
            await calls.Json(Service, Target, "CreateRepository", new RepositoryAsked(repository, [.. tags.Select(tag => new EcrTag(tag.Key, tag.Value))]), EcrJson.Default.RepositoryAsked, EcrJson.Default.NothingAnswered, cancel);
        }
        catch (AwsRefusal refusal) when (refusal.Code == "RepositoryAlreadyExistsException")
        {
            // Of an earlier deployment of the same workflow.
        }
    }

    /// <summary>Removes a repository with all its images; nothing where there is none.</summary>
    public async Task Remove(string repository, CancellationToken cancel)
    {
        try
        {
            await calls.Json(Service, Target, "DeleteRepository", new RemovalAsked(repository), EcrJson.Default.RemovalAsked, EcrJson.Default.NothingAnswered, cancel);
        }
        catch (AwsRefusal refusal) when (refusal.Code == "RepositoryNotFoundException")
        {
            // Somebody was quicker.
        }
    }

    /// <summary>Names of all repositories that begin so.</summary>
    public async Task<IReadOnlyList<string>> Find(string prefix, CancellationToken cancel)
    {
        var names = new List<string>();
        string? next = null;
        do
        {
            var page = await calls.Json(Service, Target, "DescribeRepositories", new ListAsked(next), EcrJson.Default.ListAsked, EcrJson.Default.ListAnswer, cancel);
            names.AddRange(page.Repositories.Select(repository => repository.RepositoryName).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)));
            next = page.NextToken;
        }
        while (next is not null);
        return names;
    }
}

internal sealed record NothingAsked;

internal sealed record NothingAnswered;

internal sealed record EcrTag([property: JsonPropertyName("Key")] string Key, [property: JsonPropertyName("Value")] string Value);

internal sealed record RepositoryAsked(string RepositoryName, IReadOnlyList<EcrTag> Tags)
{
    public string ImageTagMutability { get; } = "IMMUTABLE";
}

internal sealed record RemovalAsked(string RepositoryName)
{
    public bool Force { get; } = true;
}

internal sealed record ListAsked(string? NextToken);

internal sealed record ListAnswer
{
    public IReadOnlyList<EcrRepository> Repositories { get; set; } = [];
    public string? NextToken { get; set; }
}

internal sealed record EcrRepository(string RepositoryName);

internal sealed record LoginAnswer
{
    public IReadOnlyList<EcrLogin> AuthorizationData { get; set; } = [];
}

internal sealed record EcrLogin(string? AuthorizationToken, string? ProxyEndpoint);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NothingAsked))]
[JsonSerializable(typeof(NothingAnswered))]
[JsonSerializable(typeof(RepositoryAsked))]
[JsonSerializable(typeof(RemovalAsked))]
[JsonSerializable(typeof(ListAsked))]
[JsonSerializable(typeof(ListAnswer))]
[JsonSerializable(typeof(LoginAnswer))]
internal sealed partial class EcrJson : JsonSerializerContext;
