using System.Globalization;
using System.Text.Json;
using Yunpipe.Documents;

namespace Yunpipe.Aws.Deploying;

/// <summary>One thing that costs while nothing runs. US dollars a month, list prices of us-east-1 in 2025 without any free allowance (docs/guide/aws.md).</summary>
public sealed record CostItem(string What, double Monthly);

/// <summary>What a deployment costs in a month in which nothing is uploaded: told before it is made.</summary>
public static class StandingCost
{
    private const double Alarm = 0.10, Dashboard = 3.00, RegistryGiB = 0.10, StorageGiB = 0.023, EndpointHour = 0.01, Hours = 730, Invocations = 0.20 / 1_000_000, GibSecond = 0.0000166667;

    /// <summary>A dispatcher with nothing to do answers in so many seconds, with half a GiB, each minute.</summary>
    private const double IdleSeconds = 0.3, DispatcherGiB = 0.5, Minutes = 43_800;

    /// <param name="template">As it was made: what is in it is what is counted.</param>
    /// <param name="imageBytes">Of all images in ECR, layers that several share counted once.</param>
    /// <param name="endpoints">Interface endpoints times zones that the user's private subnets need and do not have.</param>
    public static IReadOnlyList<CostItem> Of(ReadOnlySpan<byte> template, long imageBytes, int endpoints = 0)
    {
        using var document = JsonDocument.Parse(template.ToArray());
        var types = document.RootElement.GetProperty("Resources").EnumerateObject().Select(resource => resource.Value.GetProperty("Type").GetString()).ToList();
        var alarms = types.Count(type => type == "AWS::CloudWatch::Alarm");
        var items = new List<CostItem> { new(string.Create(CultureInfo.InvariantCulture, $"{alarms} alarms"), alarms * Alarm) };
        if (types.Contains("AWS::CloudWatch::Dashboard")) items.Add(new CostItem("1 dashboard (three are free in an account)", Dashboard));
        items.Add(new CostItem("the dispatcher, once a minute", Minutes * (Invocations + IdleSeconds * DispatcherGiB * GibSecond)));
        if (imageBytes > 0) items.Add(new CostItem($"{new ByteSize(imageBytes)} of images in ECR", imageBytes / (double)(1L << 30) * RegistryGiB));
        if (endpoints > 0) items.Add(new CostItem(string.Create(CultureInfo.InvariantCulture, $"{endpoints} network endpoints that your private subnets need"), endpoints * EndpointHour * Hours));
        return items;
    }

    /// <summary>A line each, and a sum.</summary>
    public static IReadOnlyList<string> ToLines(IReadOnlyList<CostItem> items)
    {
        var sum = items.Sum(item => item.Monthly);
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"While nothing runs it costs about ${sum:0.00} a month: {string.Join("; ", items.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.What} ${item.Monthly:0.00}")))}."),
            string.Create(CultureInfo.InvariantCulture, $"What is stored costs about ${StorageGiB * 1000:0} a month for each 1,000 GiB; tasks cost while they run."),
        ];
    }
}
