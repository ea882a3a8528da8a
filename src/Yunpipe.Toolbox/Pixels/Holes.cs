namespace Yunpipe.Toolbox.Pixels;

/// <summary>Fills background that foreground surrounds.</summary>
internal static class Holes
{
    public static void Fill(bool[] mask, int width, int height)
    {
        var outside = new bool[mask.Length];
        var stack = new Stack<int>();
        for (var x = 0; x < width; x++)
        {
            Visit(x);
            Visit(((height - 1) * width) + x);
        }

        for (var y = 0; y < height; y++)
        {
            Visit(y * width);
            Visit((y * width) + width - 1);
        }

        // Four neighbours for the background, where foreground has eight: a diagonal line closes a ring.
        while (stack.TryPop(out var i))
        {
            var x = i % width;
            if (x > 0)
                Visit(i - 1);
            if (x < width - 1)
                Visit(i + 1);
            if (i >= width)
                Visit(i - width);
            if (i < mask.Length - width)
                Visit(i + width);
        }

        for (var i = 0; i < mask.Length; i++)
            mask[i] = !outside[i];

        void Visit(int i)
        {
            if (mask[i] || outside[i])
                return;
            outside[i] = true;
            stack.Push(i);
        }
    }
}
