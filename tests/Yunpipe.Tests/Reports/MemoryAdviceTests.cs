using CsCheck;
using Yunpipe.Documents;
using Yunpipe.Reports;

namespace Yunpipe.Tests.Reports;

public sealed class MemoryAdviceTests
{
    private const double MiB = 1 << 20;

    private static MemoryReport Of(double used, double asked, long ranOut = 0, double at = 0)
    {
        var sketch = new QuantileSketch();
        for (var i = 0; i < 100; i++) sketch.Add(used * MiB);
        return MemoryAdvice.Of(sketch, (long)(asked * MiB), ranOut, (long)(at * MiB));
    }

    [Theory]
    [InlineData(20, 1024, MemoryVerdict.TooMuch, "32 MiB", "1 GiB is asked for, and at most 20 MiB was used: 32 MiB would do, and 32 times as many jobs would fit into memory.")]
    [InlineData(950, 1024, MemoryVerdict.TooLittle, "1280 MiB", "Up to 950 MiB of the 1 GiB asked for was used, which is tight: ask for 1280 MiB.")]
    [InlineData(600, 1024, MemoryVerdict.Fits, "768 MiB", "At most 600 MiB of the 1 GiB asked for was used: that fits.")]
    [InlineData(300, 0, MemoryVerdict.NotAsked, "384 MiB", "Nothing is asked for, and at most 300 MiB was used: ask for 384 MiB, so that jobs are packed by memory.")]
    public void What_was_used_is_held_against_what_was_asked_for(double used, double asked, MemoryVerdict verdict, string proposed, string advice)
    {
        var report = Of(used, asked);
        report.Verdict.ShouldBe(verdict);
        new ByteSize(report.Proposed).ToExactText().ShouldBe(proposed);
        report.Advice.ShouldBe(advice);
    }

    [Fact]
    public void A_step_that_ran_out_is_given_more_than_it_ran_out_with() =>
        Of(200, 256, ranOut: 3, at: 512).Advice.ShouldBe("3 attempts ran out of memory, and 256 MiB is asked for: ask for 768 MiB.");

    [Fact]
    public void Without_a_measure_nothing_is_proposed()
    {
        var report = MemoryAdvice.Of(new QuantileSketch(), 1 << 30, 0, 0);
        (report.Proposed, report.Verdict).ShouldBe((0, MemoryVerdict.NotMeasured));
    }

    [Fact]
    public void A_size_is_rounded_up_by_less_than_a_quarter_to_one_that_a_person_would_write() => Gen.Double[33 * MiB, 1e6 * MiB].Sample(bytes =>
    {
        var size = MemoryAdvice.RoundUp(bytes);
        ((double)size).ShouldBeGreaterThanOrEqualTo(bytes);
        if (bytes > 64 * MiB) ((double)size).ShouldBeLessThan(bytes * 1.26);
        (size % (16L << 20)).ShouldBe(0);
    });
}
