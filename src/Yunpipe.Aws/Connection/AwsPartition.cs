namespace Yunpipe.Aws.Connection;

/// <summary>The part of AWS that a region belongs to: what its ARNs begin with, and what its hosts end with.</summary>
public sealed record AwsPartition(string Name, string Suffix)
{
    public static AwsPartition Of(string region) => region.StartsWith("cn-", StringComparison.Ordinal) ? new AwsPartition("aws-cn", "amazonaws.com.cn")
        : new AwsPartition(region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov" : "aws", "amazonaws.com");
}
