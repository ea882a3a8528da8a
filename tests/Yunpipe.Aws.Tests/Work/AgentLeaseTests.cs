using System.Text;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Work;

/// <summary>Jobs that take longer than their lease.</summary>
public sealed class AgentLeaseTests
{
    private static bool IsRenewal(HttpRequest request) =>
        request.Header("X-Amz-Target") == "AmazonSQS.ChangeMessageVisibility" && !Encoding.UTF8.GetString(request.Body).Contains("\"VisibilityTimeout\":0", StringComparison.Ordinal);

    private static async Task<(int Renewals, int Starts, int Manifests)> Work(Func<HttpRequest, Fault> faults, int lease)
    {
        var (renewals, manifests) = (0, 0);
        var aws = new SmallAws(request =>
        {
            if (IsRenewal(request)) Interlocked.Increment(ref renewals);
            return faults(request);
        });
        await using var bench = await DeploymentBench.Make("sleep 4; cp \"$1\" \"$2\"", aws: aws, lease: lease);
        aws.S3.Happened += happened =>
        {
            if (happened.Created && happened.Key.StartsWith("_yunpipe/manifests/", StringComparison.Ordinal)) Interlocked.Increment(ref manifests);
        };
        await bench.Send("a.txt", "image");
        using var one = new WorkingAgent(bench, new Dictionary<string, string> { ["YUNPIPE_IDLE"] = "4" });
        using var two = new WorkingAgent(bench, new Dictionary<string, string> { ["YUNPIPE_IDLE"] = "4" });
        await Task.WhenAll(one.Ended(), two.Ended());
        bench.Waiting.ShouldBeEmpty();
        bench.Result("a.out").ShouldBe("image");
        return (renewals, one.Lines.Concat(two.Lines).Count(line => (string?)line["event"] == "job-started"), manifests);
    }

    [Fact]
    public async Task A_lease_is_renewed_for_as_long_as_the_job_runs()
    {
        var (renewals, _, manifests) = await Work(_ => Fault.None, lease: 3);
        renewals.ShouldBeGreaterThanOrEqualTo(2);
        manifests.ShouldBe(1);
    }

    [Fact]
    public async Task Where_no_renewal_arrives_the_job_is_done_twice_and_counts_once()
    {
        var (_, starts, manifests) = await Work(request => IsRenewal(request) ? Fault.Error : Fault.None, lease: 1);
        starts.ShouldBeGreaterThanOrEqualTo(2);
        manifests.ShouldBe(1);
    }
}
