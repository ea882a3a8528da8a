using Yunpipe.Documents;
using static Yunpipe.Reports.Html.ChartFrame;

namespace Yunpipe.Reports.Html;

/// <summary>Memory used, asked for and proposed, for each step on one logarithmic axis.</summary>
internal static class MemoryChart
{
    public static void Write(IReadOnlyList<StepReport> steps, TextWriter to)
    {
        var memory = steps.Select(step => step.Memory).ToList();
        var axis = new LogAxis(memory.Min(own => Math.Min(own.Median, own.Asked > 0 ? own.Asked : own.Median)), memory.Max(own => Math.Max(Math.Max(own.Max, own.Asked), own.Proposed)), LogAxis.Sizes);
        Begin(to, steps.Count, "Memory: " + string.Join("; ", steps.Select(step =>
            $"{step.Name}: at most {Figures.Bytes(step.Memory.Max)} used, {(step.Memory.Asked > 0 ? Figures.Bytes(step.Memory.Asked) : "nothing")} asked for, {Figures.Bytes(step.Memory.Proposed)} proposed")));
        axis.Draw(to, steps.Count, mark => new ByteSize((long)mark).ToExactText());
        for (var lane = 0; lane < steps.Count; lane++) Lane(steps[lane], lane, axis, to);
        End(to);
    }

    private static void Lane(StepReport step, int lane, LogAxis axis, TextWriter to)
    {
        var memory = step.Memory;
        ChartFrame.Lane(to, lane, step.Name, $"{Figures.Bytes(memory.Max)}{(memory.Asked > 0 ? $" of {Figures.Bytes(memory.Asked)}" : ", not asked for")}");
        var y = Top + (lane + 0.5) * LaneHeight;
        var (from, until) = (axis.X(memory.Median), axis.X(memory.Max));
        to.Write($"<rect class=\"run\" x=\"{N(from - 4)}\" y=\"{N(y - 4)}\" width=\"{N(until - from + 8)}\" height=\"8\" rx=\"4\"><title>used: median {Figures.Bytes(memory.Median)}, at most {Figures.Bytes(memory.Max)}</title></rect>");
        var x = axis.X(memory.Proposed);
        to.Write($"<path class=\"diamond\" d=\"M{N(x - 6)} {N(y)}L{N(x)} {N(y - 6)}L{N(x + 6)} {N(y)}L{N(x)} {N(y + 6)}Z\"><title>proposed: {Figures.Bytes(memory.Proposed)}</title></path>");
        if (memory.Asked > 0) to.Write($"<circle class=\"ring\" cx=\"{N(axis.X(memory.Asked))}\" cy=\"{N(y)}\" r=\"6\"><title>asked for: {Figures.Bytes(memory.Asked)}</title></circle>");
        to.Write("\n");
    }
}
