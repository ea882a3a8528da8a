using System.Runtime.CompilerServices;
using System.Text;

namespace Yunpipe.Tests;

/// <summary>Compares what a user sees with a file that was read by a person. YUNPIPE_GOLDEN=write rewrites the files; read the diff before committing.</summary>
public static class Golden
{
    public static string Root { get; } = FindRoot();

    /// <summary>A file under tests/Yunpipe.Tests/Golden.</summary>
    public static void Check(string name, string actual) => CheckFile(Path.Combine("tests/Yunpipe.Tests/Golden", name), actual);

    /// <summary>A file anywhere in the repository, by its path from the root.</summary>
    public static void CheckFile(string pathFromRoot, string actual, [CallerMemberName] string test = "")
    {
        actual = actual.ReplaceLineEndings("\n");
        if (!actual.EndsWith('\n')) actual += "\n";
        var path = Path.Combine(Root, pathFromRoot);
        if (Environment.GetEnvironmentVariable("YUNPIPE_GOLDEN") == "write")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path) || File.ReadAllText(path) != actual) File.WriteAllText(path, actual);
            return;
        }
        if (!File.Exists(path)) Assert.Fail($"{test}: there is no {pathFromRoot}. Run with YUNPIPE_GOLDEN=write, and read it.");
        var expected = File.ReadAllText(path).ReplaceLineEndings("\n");
        if (expected != actual) Assert.Fail($"{test}: {pathFromRoot} differs (- file, + now). If the change is right, run with YUNPIPE_GOLDEN=write.\n{Diff(expected, actual)}");
    }

    /// <summary>The lines between the common start and the common end, with two lines around them.</summary>
    public static string Diff(string expected, string actual)
    {
        var (left, right) = (expected.Split('\n'), actual.Split('\n'));
        var start = 0;
        while (start < left.Length && start < right.Length && left[start] == right[start]) start++;
        var end = 0;
        while (end < left.Length - start && end < right.Length - start && left[^(end + 1)] == right[^(end + 1)]) end++;
        var text = new StringBuilder().AppendLine($"line {start + 1}:");
        for (var i = Math.Max(0, start - 2); i < start; i++) text.AppendLine("  " + left[i]);
        foreach (var line in left[start..^end].Take(40)) text.AppendLine("- " + line);
        foreach (var line in right[start..^end].Take(40)) text.AppendLine("+ " + line);
        foreach (var line in left[^end..].Take(2)) text.AppendLine("  " + line);
        return text.ToString();
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "yunpipe.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run inside the repository.");
    }
}
