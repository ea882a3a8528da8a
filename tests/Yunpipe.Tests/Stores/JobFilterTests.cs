using System.Text;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;

namespace Yunpipe.Tests.Stores;

public sealed class JobFilterTests
{
    [Fact]
    public void What_was_added_is_never_denied_and_what_was_not_nearly_always()
    {
        var filter = new JobFilter();
        for (var i = 0; i < 100_000; i++) filter.Add(Id(i));
        for (var i = 0; i < 100_000; i++) filter.MayHold(Id(i)).ShouldBeTrue();
        Enumerable.Range(100_000, 100_000).Count(i => filter.MayHold(Id(i))).ShouldBeLessThan(100);
    }

    private static JobId Id(int number) => JobId.Of(Encoding.UTF8.GetBytes($"job {number}"));
}
