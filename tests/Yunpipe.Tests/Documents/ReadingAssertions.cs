using Yunpipe.Documents;

namespace Yunpipe.Tests;

internal static class ReadingAssertions
{
    /// <summary>The value; with problems the test fails and prints them all.</summary>
    public static T ShouldBeRead<T>(this Reading<T> reading) where T : class
    {
        if (!reading.Ok) Assert.Fail("Not read:\n" + string.Join('\n', reading.Problems));
        return reading.Value!;
    }
}
