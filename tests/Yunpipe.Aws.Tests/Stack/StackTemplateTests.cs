using System.Text;
using System.Text.Json;
using Yunpipe.Aws.Stack;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Stack;

/// <summary>Golden templates; AWS's own validator reads the same files (tests/stack/check.mjs).</summary>
public sealed class StackTemplateTests
{
    /// <summary>Actions for which AWS knows no resource (service authorization reference).</summary>
    private static readonly string[] WithoutResource = ["ecr:GetAuthorizationToken", "ecs:DiscoverPollEndpoint"];

    public static TheoryData<string> Names => ["nuclei", "plate", "everything"];

    [Theory, MemberData(nameof(Names))]
    public void The_template_is_what_a_person_has_read(string name) =>
        Golden.CheckFile($"tests/Yunpipe.Aws.Tests/Golden/stack-{name}.json", Encoding.UTF8.GetString(StackTemplate.Of(Spec(name))));

    [Theory, MemberData(nameof(Names))]
    public void No_statement_allows_every_action_or_every_resource(string name)
    {
        var seen = 0;
        foreach (var (where, statement) in Statements(name))
        {
            if (statement.GetProperty("Effect").GetString() != "Allow") continue;
            seen++;
            var actions = Texts(statement.GetProperty("Action")).ToList();
            actions.ShouldAllBe(action => !action.Contains('*'), where);
            if (statement.TryGetProperty("Principal", out var principal)) principal.ToString().ShouldNotContain("*", Case.Sensitive, where);
            if (!statement.TryGetProperty("Resource", out var resource)) continue;
            var resources = Texts(resource).ToList();
            resources.Count.ShouldBeGreaterThan(0, where);
            if (resources.Exists(text => text is "*" or "arn:${AWS::Partition}:s3:::*")) actions.ShouldBeSubsetOf(WithoutResource, where);
        }
        seen.ShouldBeGreaterThan(10);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_step_reaches_its_own_queue_and_prefixes_only(string name)
    {
        var spec = Spec(name);
        foreach (var step in spec.Steps)
        {
            var others = spec.Steps.Where(other => other != step && !step.Reads.Contains(other.Name) && !step.Gathers.Contains(other.Name)).ToList();
            var role = Resources(name).GetProperty(StepIds.Of(step.Name) + "Role").GetProperty("Properties").GetProperty("Policies").ToString();
            foreach (var other in others)
            {
                role.ShouldNotContain($"/{other.Name}/");
                role.ShouldNotContain($"\"{StepIds.Of(other.Name)}Queue\"");
            }
            // What it only reads it may not write.
            foreach (var upstream in step.Reads)
                Statements(name).Where(entry => entry.Where.StartsWith(StepIds.Of(step.Name) + "Role", StringComparison.Ordinal) && entry.Statement.ToString().Contains($"/{upstream}/*", StringComparison.Ordinal) && entry.Statement.ToString().Contains("s3:PutObject", StringComparison.Ordinal))
                    .ShouldBeEmpty();
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void The_dispatcher_is_told_the_topic_and_may_publish_there_and_nowhere_else(string name)
    {
        var publishing = Statements(name).Where(entry => entry.Statement.GetProperty("Effect").GetString() == "Allow" && Texts(entry.Statement.GetProperty("Action")).Any(action => action.StartsWith("sns:", StringComparison.Ordinal))).ToList();
        publishing.Select(entry => entry.Where.Split('.')[0]).ShouldBe(["DispatcherRole", "NoticesPolicy"]);
        publishing.ShouldAllBe(entry => entry.Statement.GetProperty("Resource").GetProperty("Ref").GetString() == "Notices" && Texts(entry.Statement.GetProperty("Action")).Single() == "sns:Publish");
        Resources(name).GetProperty("Dispatcher").GetProperty("Properties").GetProperty("Environment").GetProperty("Variables").GetProperty("YUNPIPE_NOTICES").GetProperty("Ref").GetString().ShouldBe("Notices");
    }

    [Theory, MemberData(nameof(Names))]
    public void Whatever_can_carry_tags_carries_them(string name)
    {
        string[] without = ["AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy", "AWS::Lambda::Permission", "AWS::IAM::InstanceProfile", "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy",
            "AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCGatewayAttachment", "AWS::ECS::ClusterCapacityProviderAssociations", "AWS::AutoScaling::ScalingPolicy"];
        foreach (var resource in Resources(name).EnumerateObject())
        {
            if (without.Contains(resource.Value.GetProperty("Type").GetString())) continue;
            var text = resource.Value.GetProperty("Properties").ToString();
            foreach (var tag in new[] { "yunpipe:deployment", "yunpipe:version", "yunpipe:owner" }) text.ShouldContain(tag, Case.Sensitive, resource.Name);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void No_container_is_privileged_and_no_key_is_in_a_task(string name)
    {
        var text = Encoding.UTF8.GetString(StackTemplate.Of(Spec(name)));
        text.ShouldNotContain("\"Privileged\": true");
        text.ShouldNotContain("ACCESS_KEY");
        text.ShouldNotContain("PublicRead");
    }

    [Fact]
    public void Buckets_of_the_user_are_not_in_the_template()
    {
        var types = Resources("everything").EnumerateObject().Where(resource => resource.Value.GetProperty("Type").GetString() == "AWS::S3::Bucket").Select(resource => resource.Name);
        types.ShouldBe(["WorkBucket"]);
    }

    [Fact]
    public void The_same_specification_is_the_same_bytes() => StackTemplate.Of(Spec("everything")).ShouldBe(StackTemplate.Of(Spec("everything")));

    internal static StackSpec Spec(string name) => name == "everything" ? StackSamples.Everything() : StackSamples.Sample(name);

    private static JsonElement Resources(string name) => JsonDocument.Parse(StackTemplate.Of(Spec(name))).RootElement.GetProperty("Resources");

    /// <summary>Every statement of every policy in the template, with the place where it stands.</summary>
    private static IEnumerable<(string Where, JsonElement Statement)> Statements(string name) => Resources(name).EnumerateObject().SelectMany(resource => Statements(resource.Name, resource.Value));

    private static IEnumerable<(string Where, JsonElement Statement)> Statements(string where, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => property.Name == "Statement"
            ? property.Value.EnumerateArray().Select((statement, index) => ($"{where}.{index}", statement)) : Statements($"{where}.{property.Name}", property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((item, index) => Statements($"{where}.{index}", item)),
        _ => [],
    };

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [element.GetString()!],
        _ => element.TryGetProperty("Fn::Sub", out var sub) ? [sub.GetString()!] : [element.ToString()],
    };
}
