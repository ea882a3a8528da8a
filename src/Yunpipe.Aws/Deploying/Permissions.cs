using Yunpipe.Aws.Calls;
using Yunpipe.Documents;

namespace Yunpipe.Aws.Deploying;

/// <summary>What whoever deploys must be allowed to do (docs/guide/aws.md).</summary>
public static class Permissions
{
    public static IReadOnlyList<string> Needed { get; } =
    [
        "cloudformation:CreateChangeSet", "cloudformation:DeleteStack", "cloudformation:DescribeChangeSet", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks", "cloudformation:ExecuteChangeSet", "cloudformation:ListStackResources",
        "s3:CreateBucket", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketNotification", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning", "s3:PutBucketTagging", "s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:DeleteBucket", "s3:ListBucket",
        "sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:DeleteQueue", "sqs:TagQueue", "iam:CreateRole", "iam:DeleteRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PassRole", "iam:TagRole",
        "lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:DeleteFunction", "lambda:CreateEventSourceMapping", "lambda:AddPermission", "lambda:InvokeFunction",
        "events:PutRule", "events:PutTargets", "events:DeleteRule", "events:RemoveTargets", "ecs:CreateCluster", "ecs:DeleteCluster", "ecs:PutClusterCapacityProviders", "ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition", "ecs:ListTasks", "ecs:StopTask",
        "ecr:CreateRepository", "ecr:DeleteRepository", "ecr:GetAuthorizationToken", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage", "ecr:BatchCheckLayerAvailability",
        "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:FilterLogEvents", "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards", "sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes",
        "ec2:CreateVpc", "ec2:DeleteVpc", "ec2:CreateSubnet", "ec2:CreateInternetGateway", "ec2:CreateRouteTable", "ec2:CreateRoute", "ec2:CreateSecurityGroup", "ec2:CreateVpcEndpoint", "ec2:CreateTags", "tag:GetResources",
    ];

    /// <summary>What machines of one's own take besides.</summary>
    public static IReadOnlyList<string> ForMachines { get; } =
        ["autoscaling:CreateAutoScalingGroup", "autoscaling:DeleteAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup", "autoscaling:PutScalingPolicy", "ec2:CreateLaunchTemplate", "ec2:DeleteLaunchTemplate", "ec2:RunInstances", "ecs:CreateCapacityProvider", "ecs:DeleteCapacityProvider", "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile", "ssm:GetParameters"];

    public static async Task<CheckLine> Look(IdentityCalls calls, AwsIdentity who, IReadOnlyList<string> needed, CancellationToken cancel)
    {
        if (who.Arn.EndsWith(":root", StringComparison.Ordinal)) return new CheckLine("permissions", CheckKind.Advice, "You are the account's root user, who may do everything.", "Use a role or a user instead: root's keys cannot be limited.");
        try
        {
            var denied = new List<string>();
            // A call takes a hundred actions.
            foreach (var some in needed.Chunk(100)) denied.AddRange(await calls.Denied(who, some, cancel));
            if (denied.Count == 0) return new CheckLine("permissions", CheckKind.Good, $"Your policies allow all {needed.Count} actions that deploying takes.");
            return new CheckLine("permissions", CheckKind.Bad, $"Your policies do not allow {Wording.AllOf(denied.Take(8))}{(denied.Count > 8 ? $" and {denied.Count - 8} more" : "")}.", "Ask whoever runs the account for these; docs/guide/aws.md has the whole list.");
        }
        catch (AwsRefusal refusal) when (refusal.Status is 400 or 403 or 404)
        {
            return new CheckLine("permissions", CheckKind.Unknown, $"Whether you may deploy cannot be asked: {refusal.Sentence.TrimEnd('.')}.", "If deploying is refused, ask for the actions in docs/guide/aws.md.");
        }
    }
}
