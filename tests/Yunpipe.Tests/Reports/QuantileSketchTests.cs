using CsCheck;
using Yunpipe.Reports;

namespace Yunpipe.Tests.Reports;

public sealed class QuantileSketchTests
{
    private static readonly Gen<double> Value = Gen.OneOf(Gen.Double[0.001, 1e9], Gen.Int[0, 20].Select(n => (double)n), Gen.Double[1e3, 1.01e3]);

    [Fact]
    public void Every_quantile_is_within_one_percent_of_the_value_at_its_rank() => Gen.Select(Value.Array[1, 400], Gen.Double[0, 1]).Sample((values, share) =>
    {
        var sketch = new QuantileSketch();
        foreach (var value in values) sketch.Add(value);
        var exact = values.Order().ElementAt(Math.Clamp((int)Math.Ceiling(share * values.Length), 1, values.Length) - 1);
        sketch.Quantile(share).ShouldBe(exact, exact * QuantileSketch.Error * 1.0001 + 1e-12);
        sketch.Min.ShouldBe(values.Min());
        sketch.Max.ShouldBe(values.Max());
        sketch.Count.ShouldBe(values.Length);
        sketch.Sum.ShouldBe(values.Sum(), Math.Abs(values.Sum()) * 1e-9 + 1e-9);
    });

    [Fact]
    public void A_histogram_counts_every_value_once() => Gen.Select(Value.Array[0, 400], Gen.Int[1, 80]).Sample((values, bins) =>
    {
        var sketch = new QuantileSketch();
        foreach (var value in values) sketch.Add(value);
        sketch.Histogram(1, 1e6, bins).Sum().ShouldBe(values.Length);
    });

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-3)]
    [InlineData(0)]
    public void What_is_no_duration_counts_as_zero(double value)
    {
        var sketch = new QuantileSketch();
        sketch.Add(value);
        (sketch.Count, sketch.Min, sketch.Max, sketch.Sum, sketch.Quantile(0.5)).ShouldBe((1, 0, 0, 0, 0));
    }

    [Fact]
    public void Of_nothing_every_quantile_is_zero() => new QuantileSketch().Quantile(0.5).ShouldBe(0);

    [Fact]
    public void Values_of_all_sizes_take_no_more_buckets_than_there_are()
    {
        var sketch = new QuantileSketch();
        for (var i = 0; i < 1_000_000; i++) sketch.Add(Math.Pow(10, -30 + i % 6000 / 100.0));
        sketch.Buckets.ShouldBeInRange(2000, 2500);
    }
}
