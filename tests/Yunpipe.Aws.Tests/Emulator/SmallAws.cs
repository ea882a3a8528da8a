using System.Globalization;
using Yunpipe.Aws.Connection;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>Where a test's S3 and SQS are.</summary>
public enum Where { Here, Given }

/// <summary>A small AWS in this process: S3, SQS, ECS, SNS, Lambda and logs at one endpoint, as clients see it.</summary>
internal sealed class SmallAws : IAsyncDisposable
{
    private readonly Func<HttpRequest, Fault> _faults;
    private readonly AsyncLocal<bool> _conflict = new();
    private readonly TimeProvider _time;
    private int _refusedForTime;

    public SmallAws(Faults? faults = null, TimeProvider? time = null) : this(faults is null ? _ => Fault.None : _ => faults.Next(), time) { }

    public SmallAws(Func<HttpRequest, Fault> faults, TimeProvider? time = null)
    {
        _faults = faults;
        S3 = new S3Service(S3Time = new StoppableTime(time ?? TimeProvider.System));
        Sqs = new SqsService(time ?? TimeProvider.System);
        Ecs = new SmallEcs(time ?? TimeProvider.System);
        Stacks = new SmallStacks(this);
        _time = time ?? TimeProvider.System;
        Http = new HttpServer(request => IsSkewed(request) ? Task.FromResult(Skewed(request)) : Answer(request), request => Suspended ? Fault.None : Pending(request)) { Time = _time };
    }

    public S3Service S3 { get; }

    /// <summary>When S3 says that objects were written.</summary>
    public StoppableTime S3Time { get; }
    public SqsService Sqs { get; }
    public SmallEcs Ecs { get; }
    public SmallSns Sns { get; } = new();
    public SmallStacks Stacks { get; }
    public SmallFunctions Functions { get; } = new();
    public SmallLogs Logs { get; } = new();
    public HttpServer Http { get; }

    /// <summary>True while nothing is to go wrong, as when a test prepares or looks.</summary>
    public bool Suspended { get; set; }

    /// <summary>The small AWS of this process; or the same with S3 and SQS at whatever <c>AWS_ENDPOINT_URL</c> names, which skips the test where it names nothing.</summary>
    public static SmallAws At(Where where) => where is Where.Here ? new SmallAws() : new SmallAws { Elsewhere = GivenEndpoint.OfS3AndSqs() };

    /// <summary>Where S3 and SQS are, if not in this process. Then <see cref="S3"/> and <see cref="Sqs"/> know nothing of what a test does.</summary>
    public IReadOnlyDictionary<string, string> Elsewhere { get; init; } = new Dictionary<string, string>();

    /// <summary>What a program has to find in its environment to talk to this.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL"] = Http.Url, ["AWS_REGION"] = "eu-central-1", ["AWS_ACCESS_KEY_ID"] = "test", ["AWS_SECRET_ACCESS_KEY"] = "test",
    }.Concat(Elsewhere).GroupBy(entry => entry.Key).Select(entries => entries.Last()));

    public AwsConnection Connect(TimeSpan? patience = null) => new(Environment) { Patience = patience ?? TimeSpan.FromSeconds(100) };

    public ValueTask DisposeAsync() => Http.DisposeAsync();

    /// <summary>A fault that the test picks, before any other.</summary>
    public ScriptedFaults? Script { get; set; }

    /// <summary>Requests that were refused because of the time in their signature.</summary>
    public int RefusedForTime => Volatile.Read(ref _refusedForTime);

    /// <summary>AWS takes no signature whose time is more than a quarter of an hour from its own.</summary>
    private bool IsSkewed(HttpRequest request) =>
        DateTimeOffset.TryParseExact(request.Header("X-Amz-Date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signed) && (signed - _time.GetUtcNow()).Duration() > TimeSpan.FromMinutes(15);

    /// <summary>As the services say it: S3 in XML, the others in their own way.</summary>
    private HttpResponse Skewed(HttpRequest request)
    {
        Interlocked.Increment(ref _refusedForTime);
        var now = _time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var late = $"Signature {(string.CompareOrdinal(request.Header("X-Amz-Date"), now) < 0 ? "expired" : "not yet current")}: {request.Header("X-Amz-Date")} is not near {now}";
        return request.Header("X-Amz-Target") is not null
            ? HttpResponse.Text(400, "application/x-amz-json-1.0", $$"""{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"{{late}}"}""")
            : HttpResponse.Text(403, "application/xml", $"<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>{request.Header("X-Amz-Date")}</RequestTime><ServerTime>{_time.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}</ServerTime></Error>");
    }

    private Fault Pending(HttpRequest request)
    {
        var fault = Script?.Next(request) is { } scripted and not Fault.None ? scripted : _faults(request);
        _conflict.Value = fault == Fault.Conflict;
        return fault;
    }

    private async Task<HttpResponse> Answer(HttpRequest request) =>
        request.Header("X-Amz-Target") is { } target && target.StartsWith("AmazonSQS.", StringComparison.Ordinal) ? await Sqs.Answer(target["AmazonSQS.".Length..], request, Http.Url) : Ecs.Answer(request) ?? Sns.Answer(request) ?? Logs.Answer(request) ?? await Functions.Answer(request) ?? await Stacks.Answer(request) ?? S3.Answer(request, _conflict.Value);
}
