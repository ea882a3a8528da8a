using CsCheck;
using Yunpipe.Reports;

namespace Yunpipe.Tests.Reports;

public sealed class TimelineTests
{
    private static readonly Gen<(int Start, int Length)[]> Attempts = Gen.Select(Gen.Int[0, 2_000_000], Gen.Int[1, 90_000]).Array[1, 120];

    [Fact]
    public void All_work_is_in_some_bin_whatever_the_pauses() => Attempts.Sample(attempts =>
    {
        var timeline = new Timeline();
        foreach (var (start, length) in attempts) timeline.Add(start % 3 == 0 ? "a" : "b", start * 60_000L, start * 60_000L + length, start % 5 == 0);
        var report = timeline.Report(["a", "b"]);
        var milliseconds = report.Stretches.Sum(stretch => stretch.Lanes.Sum(lane => lane.Running.Sum() + lane.Failing.Sum())) * report.Width;
        milliseconds.ShouldBe(attempts.Sum(attempt => (double)attempt.Length), 0.0001 * report.Width * attempts.Length * 240);
        report.Stretches.Sum(stretch => stretch.Lanes[0].Running.Count).ShouldBeLessThanOrEqualTo(480);
        report.Stretches.Count.ShouldBeLessThanOrEqualTo(7);
    });

    [Fact]
    public void The_order_of_the_attempts_does_not_matter() => Attempts.Sample(attempts =>
    {
        var (one, other) = (new Timeline(), new Timeline());
        foreach (var (start, length) in attempts) one.Add("a", start, start + length, false);
        foreach (var (start, length) in attempts.Reverse()) other.Add("a", start, start + length, false);
        var (left, right) = (one.Report(["a"]), other.Report(["a"]));
        right.Width.ShouldBe(left.Width);
        right.Stretches.Select(stretch => stretch.Started).ShouldBe(left.Stretches.Select(stretch => stretch.Started));
    });

    [Fact]
    public void Two_attempts_at_a_time_are_two_and_a_days_pause_is_left_out()
    {
        var timeline = new Timeline();
        timeline.Add("a", 0, 1600, false);
        timeline.Add("a", 0, 1600, true);
        timeline.Add("a", 86_400_000, 86_400_800, false);
        var report = timeline.Report(["a"]);
        report.Stretches.Count.ShouldBe(2);
        report.Stretches[0].Lanes[0].Running.ShouldAllBe(running => running == 1);
        report.Stretches[0].Lanes[0].Failing.ShouldAllBe(running => running == 1);
    }
}
