using System.Text;
using System.Text.RegularExpressions;

namespace Yunpipe.Aws.Deploying;

/// <summary>What things of a deployment are called. Account and region are left to CloudFormation where a template names them.</summary>
public static partial class DeploymentNames
{
    /// <summary>The tag that everything of a deployment carries, with its name.</summary>
    public const string Tag = "yunpipe:deployment";

    private const int MostLength = 40;

    /// <summary>In words.</summary>
    public const string Rule = "Names are lower-case letters, digits and single hyphens, at most 40, and begin with a letter.";

    public static bool IsName(string text) => Name().IsMatch(text);

    /// <summary>A workflow's name as a deployment's: lower-case letters, digits and hyphens, at most 40.</summary>
    public static string Of(string workflow)
    {
        var name = new StringBuilder();
        foreach (var c in workflow.ToLowerInvariant())
            if (char.IsAsciiLetterOrDigit(c)) name.Append(c);
            else if (name.Length > 0 && name[^1] != '-') name.Append('-');
        var text = name.ToString(0, Math.Min(name.Length, MostLength)).Trim('-');
        return text.Length == 0 ? "workflow" : char.IsAsciiLetter(text[0]) ? text : "w" + text[..Math.Min(text.Length, MostLength - 1)];
    }

    public static string Stack(string deployment) => $"yunpipe-{deployment}";

    /// <summary>The ECR repository of its images.</summary>
    public static string Repository(string deployment) => $"yunpipe/{deployment}";

    public static string Staging(string account, string region) => $"yunpipe-staging-{account}-{region}";

    /// <summary>The same as a template writes it.</summary>
    public static string StagingInTemplate => Staging("${AWS::AccountId}", "${AWS::Region}");

    public static string RegistryInTemplate => "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}";

    public static string RepositoryArnInTemplate(string repository) => $"arn:${{AWS::Partition}}:ecr:${{AWS::Region}}:${{AWS::AccountId}}:repository/{repository}";

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$(?<=^.{1,40})")]
    private static partial Regex Name();
}
