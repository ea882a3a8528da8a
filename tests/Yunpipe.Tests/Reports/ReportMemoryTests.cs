using Yunpipe.Reports;

namespace Yunpipe.Tests.Reports;

/// <summary>Memory is counted for the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ReportMemoryTests), DisableParallelization = true)]
[Collection(nameof(ReportMemoryTests))]
public sealed class ReportMemoryTests
{
    [Fact]
    public async Task Memory_does_not_grow_with_the_number_of_records()
    {
        long early = 0, late = 0;
        var store = new EndlessStore(200_000, 2000)
        {
            Read = count =>
            {
                if (count == 40_000) early = GC.GetTotalMemory(forceFullCollection: true);
                if (count == 199_999) late = GC.GetTotalMemory(forceFullCollection: true);
            },
        };
        var report = await Report.From(store, new ReportSettings(ReportRecords.Subject) { Trace = new TraceCsv(TextWriter.Null) }, TimeProvider.System, default);
        report.Done.ShouldBe(200_000);
        report.Failures.Sum(group => group.Count).ShouldBe(2000);
        (late - early).ShouldBeLessThan(6_000_000);
    }
}
