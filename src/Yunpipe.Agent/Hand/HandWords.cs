using System.Text;
using Yunpipe.Documents;
using Yunpipe.Work;

namespace Yunpipe.Agent.Hand;

/// <summary>What is said to a person: results on stdout, everything else on stderr, under our own name, apart from what the algorithm says.</summary>
internal static class HandWords
{
    private const string Name = "yunpipe: ";

    public static int Print(string text)
    {
        Posix.WriteAll(1, Encoding.UTF8.GetBytes(text));
        return 0;
    }

    public static void Say(string line) => Posix.WriteAll(2, Encoding.UTF8.GetBytes($"{Name}{line}\n"));

    public static int Fail(int code, string sentence)
    {
        Say(sentence);
        return code;
    }

    public static int Fail(IReadOnlyList<Problem> problems)
    {
        // What came from the command line stands in no file.
        foreach (var problem in problems) Say((problem.Where is { File: null or "" } ? problem with { Where = null } : problem).ToString());
        return ReservedExit.Usage;
    }
}
