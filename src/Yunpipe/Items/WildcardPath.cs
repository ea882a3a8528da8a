namespace Yunpipe.Items;

internal enum PathToken { Text, Star, Any, Catch, Insert }

/// <summary>One token inside a path segment. <paramref name="Index"/> is the number of the catch that is made or inserted.</summary>
internal readonly record struct SegmentToken(PathToken Kind, string Text = "", int Index = -1)
{
    public bool IsWild => Kind is PathToken.Star or PathToken.Catch;
}

/// <summary>
/// Matches a path against segments of text, <c>*</c>, <c>?</c>, catches and inserts, with <c>**</c> (an empty array) for any number of folders.
/// Each wildcard takes as little as it can and is never reconsidered: for text between wildcards the leftmost place leaves the most room, so no other
/// choice could match where this one does not, and time stays proportional to path × pattern whatever the names hold.
/// </summary>
internal sealed class WildcardPath(IReadOnlyList<SegmentToken[]> segments, int catches, StringComparison comparison)
{
    private readonly Segment?[] _segments = [.. segments.Select(tokens => tokens.Length == 0 ? null : new Segment(tokens, comparison))];

    public int Catches => catches;

    public bool Match(ReadOnlySpan<char> path, Span<Range> caught)
    {
        Span<Range> few = stackalloc Range[32];
        var count = path.Count('/') + 1;
        var parts = count <= few.Length ? few[..count] : new Range[count];
        for (int i = 0, start = 0; i < count; i++)
        {
            var end = path[start..].IndexOf('/') is >= 0 and var slash ? start + slash : path.Length;
            parts[i] = start..end;
            start = end + 1;
        }

        int at = 0, from = 0;
        var afterFolders = false;
        while (true)
        {
            var to = from;
            while (to < _segments.Length && _segments[to] is not null) to++;
            var length = to - from;
            if (to == _segments.Length) // the last block is anchored at the end
            {
                var start = count - length;
                return start >= at && (afterFolders || start == at) && Block(path, parts, from, to, start, caught);
            }
            var found = Block(path, parts, from, to, at, caught);
            for (; !found && afterFolders && at + length < count; ) found = Block(path, parts, from, to, ++at, caught);
            if (!found) return false;
            at += length;
            from = to + 1;
            afterFolders = true;
        }
    }

    private bool Block(ReadOnlySpan<char> path, ReadOnlySpan<Range> parts, int from, int to, int at, Span<Range> caught)
    {
        if (at + (to - from) > parts.Length) return false;
        for (var i = from; i < to; i++)
            if (!_segments[i]!.Match(path, parts[at + i - from], caught)) return false;
        return true;
    }

    /// <summary>Runs of fixed tokens with one wildcard before each but the first.</summary>
    private sealed class Segment
    {
        private readonly StringComparison _comparison;
        private readonly SegmentToken[] _first;
        private readonly (SegmentToken Wild, SegmentToken[] Run)[] _rest;

        public Segment(SegmentToken[] tokens, StringComparison comparison)
        {
            _comparison = comparison;
            _first = [.. tokens.TakeWhile(token => !token.IsWild)];
            var rest = new List<(SegmentToken, SegmentToken[])>();
            for (var i = _first.Length; i < tokens.Length;)
            {
                SegmentToken[] run = [.. tokens.Skip(i + 1).TakeWhile(token => !token.IsWild)];
                rest.Add((tokens[i], run));
                i += run.Length + 1;
            }
            _rest = [.. rest];
        }

        public bool Match(ReadOnlySpan<char> path, Range part, Span<Range> caught)
        {
            var end = part.End.Value;
            var at = Fixed(_first, path, part.Start.Value, end, caught);
            if (at < 0) return false;
            for (var i = 0; i < _rest.Length; i++)
            {
                at = Wild(_rest[i].Wild, _rest[i].Run, path, at, end, i == _rest.Length - 1, caught);
                if (at < 0) return false;
            }
            return at == end;
        }

        private int Wild(SegmentToken wild, SegmentToken[] run, ReadOnlySpan<char> path, int start, int end, bool last, Span<Range> caught)
        {
            var least = wild.Kind == PathToken.Catch ? start + 1 : start;
            if (run.Length == 0)
            {
                var stop = last ? end : least;
                if (stop < least || stop > end) return -1;
                if (wild.Kind == PathToken.Catch) caught[wild.Index] = start..stop;
                return stop;
            }
            var lead = run[0].Kind == PathToken.Text ? run[0].Text : null;
            for (var at = least; at <= end; at++)
            {
                if (lead is not null)
                {
                    var next = path[at..end].IndexOf(lead, _comparison);
                    if (next < 0) return -1;
                    at += next;
                }
                if (wild.Kind == PathToken.Catch) caught[wild.Index] = start..at;
                var stop = Fixed(run, path, at, end, caught);
                if (stop >= 0 && (!last || stop == end)) return stop;
            }
            return -1;
        }

        private int Fixed(SegmentToken[] run, ReadOnlySpan<char> path, int at, int end, ReadOnlySpan<Range> caught)
        {
            foreach (var token in run)
            {
                if (token.Kind == PathToken.Any)
                {
                    if (at++ >= end) return -1;
                    continue;
                }
                var text = token.Kind == PathToken.Insert ? path[caught[token.Index]] : token.Text;
                if (!path[at..end].StartsWith(text, _comparison)) return -1;
                at += text.Length;
            }
            return at;
        }
    }
}
