using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Calls;

public sealed class AwsCallsTests
{
    private static HttpResponse Told(int status, string code, string message, params (string, string)[] headers) =>
        HttpResponse.Text(status, "application/x-amz-json-1.1", $$"""{"__type": "com.amazonaws.ecs#{{code}}", "message": "{{message}}"}""", headers);

    private static readonly HttpResponse Nothing = HttpResponse.Text(200, "application/x-amz-json-1.1", """{"taskArns": []}""");

    private static async Task<(int Calls, string? Refused)> Listed(params HttpResponse?[] answers)
    {
        var at = 0;
        await using var server = new HttpServer(_ => Task.FromResult(answers[at++]!), _ => answers[at] is null ? Skip() : Fault.None);
        Fault Skip()
        {
            at++;
            return Fault.Reset;
        }
        using var http = new HttpClient();
        var calls = new AwsCalls(http, new CallSettings("eu-central-1", server.Url, _ => ValueTask.FromResult(new AwsKeys("id", "secret", null))), TimeProvider.System, new Random(1));
        try
        {
            await new EcsCalls(calls, "c").Tasks(null, default);
            return (at, null);
        }
        catch (AwsRefusal refusal)
        {
            return (at, refusal.Message);
        }
    }

    [Fact]
    public async Task Rate_limits_faults_and_broken_connections_are_tried_again() =>
        (await Listed(Told(400, "ThrottlingException", "Rate exceeded"), Told(500, "ServerException", "x"), null, HttpResponse.Text(503, "text/html", "<html"), Nothing)).ShouldBe((5, null));

    [Fact]
    public async Task A_refusal_is_one_sentence_and_is_not_tried_again() =>
        (await Listed(Told(400, "ClusterNotFoundException", "Cluster not found."), Nothing)).ShouldBe((1, "ecs refused ListTasks: Cluster not found (ClusterNotFoundException)."));

    [Fact]
    public async Task What_does_not_pass_is_given_up()
    {
        var refused = await Listed([.. Enumerable.Repeat(Told(400, "ThrottlingException", "Rate exceeded"), 7)]);
        refused.ShouldBe((7, "ecs refused ListTasks: Rate exceeded (ThrottlingException)."));
    }

    [Fact]
    public async Task A_clock_that_is_off_takes_the_time_of_AWS()
    {
        var now = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var dates = new List<string>();
        await using var server = new HttpServer(request =>
        {
            dates.Add(request.Header("X-Amz-Date")!);
            var given = DateTimeOffset.ParseExact(dates[^1], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            return Task.FromResult((given - now).Duration() < TimeSpan.FromMinutes(5) ? Nothing
                : Told(403, "InvalidSignatureException", "Signature expired: it is too old", ("Date", now.ToString("R", CultureInfo.InvariantCulture))));
        }, _ => Fault.None);
        using var http = new HttpClient();
        var time = new FakeTimeProvider(now - TimeSpan.FromMinutes(20)) { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        var calls = new AwsCalls(http, new CallSettings("eu-central-1", server.Url, _ => ValueTask.FromResult(new AwsKeys("id", "secret", null))), time, new Random(1));
        var listing = new EcsCalls(calls, "c").Tasks(null, default);
        while (!listing.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(listing, Task.Delay(10));
        }
        await listing;
        dates.Count.ShouldBe(2);
    }
}
