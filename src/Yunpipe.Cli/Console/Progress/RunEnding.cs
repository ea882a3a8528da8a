using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Runs;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>How a run ended: its exit code, and what is said last – what was done, where results are, and what to do next.</summary>
/// <param name="Output">As it was given.</param>
/// <param name="Only">What <c>--only</c> named.</param>
/// <param name="Unnamed">Set-aside jobs that were counted and not named.</param>
internal sealed record RunEnding(
    string Workflow, string Output, RunSummary Summary, ItemCounts Items, string? Pattern, string Input, IReadOnlyList<string> Only, TimeSpan Elapsed, long Unnamed)
{
    public int Code =>
        Summary.GaveUp is not null ? ExitCode.GaveUp
        : Summary.Interrupted ? ExitCode.Interrupted
        : NothingFound ? ExitCode.NothingToRun
        : Summary.SetAside + Summary.Superseded + Summary.ViewConflicts + Summary.Steps.Sum(step => step.HeldBack) > 0 ? ExitCode.SomeSetAside
        : ExitCode.AllDone;

    private bool NothingFound => Summary.Items == 0 && Summary.ItemsSetAside == 0;

    private string Outcome => Code switch
    {
        ExitCode.GaveUp => "gave-up",
        ExitCode.Interrupted => "interrupted",
        ExitCode.NothingToRun => "nothing-to-run",
        ExitCode.SomeSetAside => "some-set-aside",
        _ => "all-done",
    };

    public SummaryDocument ToDocument() => new(Outcome, Code, Math.Round(Elapsed.TotalSeconds, 3), Output, Summary.Items, Summary.ItemsSetAside,
        Summary.Superseded, Summary.ViewConflicts, [.. Summary.Steps.Select(StepDocument.Of)], Summary.GaveUp ?? (Code == ExitCode.NothingToRun ? WhyNothing() : null));

    public IEnumerable<string> ToLines()
    {
        if (Code == ExitCode.NothingToRun)
        {
            yield return WhyNothing();
            yield break;
        }
        var idle = IsIdle ? "; all was done before" : "";
        yield return $"{Workflow}: {Words.Count(Summary.Items, "item")} in {Words.Time(Elapsed)}{idle}.";
        var width = Summary.Steps.Max(step => step.Name.Length);
        foreach (var step in Summary.Steps) yield return $"  {step.Name.PadRight(width)}  {Of(step)}";
        foreach (var step in Summary.Steps)
            foreach (var (_, (count, why)) in step.Again.OrderBy(again => again.Key))
                yield return $"  {step.Name}: {Words.Count(count, "job")} again{(count == 1 ? "" : ", the first")} because: {why}";
        foreach (var step in Summary.Steps)
            if (step.Waiters is { Groups: > 0 and var groups, Why: var why })
                yield return $"  {step.Name}: {Words.Count(groups, "group waits", "groups wait")} for members{(groups == 1 ? "" : ", the first")}: {why}";
        foreach (var line in Advice()) yield return line;
        yield return $"Results are in {Words.Argument(Words.Path(Output))}.";
    }

    private bool IsIdle => Code == ExitCode.AllDone && Summary.Ran == 0 && Summary.Steps.All(step => step.Adopted == 0);

    private IEnumerable<string> Advice()
    {
        if (Unnamed > 0) yield return $"{Unnamed} more were set aside than are named above.";
        if (Summary.SetAside > 0) yield return $"{Summary.SetAside} set aside: yunpipe failures {Words.Argument(Words.Path(Output))} says why; run with --retry to try them again.";
        if (Summary.Superseded > 0) yield return $"{Words.Count(Summary.Superseded, "job")} met an input that changed meanwhile: the same command again takes it as it is now.";
        if (Summary.ViewConflicts > 0)
            yield return $"{Words.Count(Summary.ViewConflicts, "item has", "items have")} no place among the results, where another's stand: let output.layout say more, such as ${{key}}.";
        if (Summary.GaveUp is { } why) yield return $"Gave up: {why} The same command goes on where this one ended.";
        else if (Summary.Interrupted) yield return "Interrupted: what is done is kept, and the same command goes on from here.";
    }

    private static string Of(StepProgress step)
    {
        var rest = Part(step.MadeAgain, "of them made again") + Part(step.SetAside, "set aside") + Part(step.HeldBack, "not reached") + Part(step.Retries, "tried again");
        if (step.Already > 0 && step.Already == step.Done) return $"{step.Done} done before{rest}";
        var from = Part(step.Already, "before") + Part(step.Adopted, "by equal content");
        return $"{step.Done} done{(from.Length > 0 ? $" ({from[2..]})" : "")}{rest}";
    }

    private static string Part(long count, string what) => count == 0 ? "" : $", {count} {what}";

    private string WhyNothing()
    {
        var folder = Wording.Quote(Words.Path(Input));
        if (Only.Count > 0 && Items.Items > 0) return $"No item was run: none of {Words.Count(Items.Items, "item")} in {folder} is called {Wording.AnyOf(Only)}.";
        if (Items.Files == 0) return $"No item was found: {folder} holds no {(Items.FromTable ? "rows" : "files")}.";
        var looked = Words.Count(Items.Files, Items.FromTable ? "row" : "file");
        var told = $"No item was found in {folder}: of {looked}, {Items.Ignored} ignored and {Items.Unmatched} that match nothing";
        var example = Items.FirstUnmatched is { } first ? Wording.Quote(first) : null;
        if (Pattern is null) return example is null ? $"{told}." : $"{told}, such as {example}.";
        return $"{told}. The pattern is {Wording.Quote(Pattern)}{(example is null ? "" : $"; the first file that does not match it is {example}")}.";
    }
}
