namespace Yunpipe.Toolbox.Cells;

/// <summary>One nucleus: an ellipse. Lengths in pixels, the angle in radians.</summary>
internal sealed record Cell(double X, double Y, double Major, double Minor, double Angle, double Brightness)
{
    public double Radius => (Major + Minor) / 2;
}

/// <summary>Where the cells of one site lie. They keep apart or just touch, so that the true count is one that can be seen.</summary>
internal sealed record CellField(int Width, int Height, IReadOnlyList<Cell> Cells)
{
    private const int Tries = 2000;

    /// <param name="touching">The share of cells that are put against a neighbour, 0 to 1.</param>
    public static CellField Scatter(Chance chance, int width, int height, int count, double radius, double touching)
    {
        var cells = new List<Cell>(count);
        while (cells.Count < count)
        {
            var beside = cells.Count > 0 && chance.Between(0, 1) < touching;
            cells.Add(Place(chance, width, height, radius, cells, beside) ?? Place(chance, width, height, radius, cells, false)
                ?? throw new RefusedException(ExitCode.Usage,
                    $"{count} cells of radius {radius} do not fit into {width} x {height} pixels: lower --cells or --radius, or raise --size."));
        }

        return new CellField(width, height, cells);
    }

    private static Cell? Place(Chance chance, int width, int height, double radius, List<Cell> cells, bool beside)
    {
        var size = radius * chance.Between(0.85, 1.15);
        var stretch = chance.Between(1, 1.15);
        var shape = new Cell(0, 0, size * stretch, size / stretch, chance.Between(0, Math.PI), chance.Between(0.5, 1));
        var margin = shape.Major + 3;
        if (width <= 2 * margin || height <= 2 * margin)
            return null;
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var (x, y) = (chance.Between(margin, width - margin), chance.Between(margin, height - margin));
            Cell? neighbour = null;
            if (beside)
            {
                neighbour = cells[chance.Whole(0, cells.Count - 1)];
                var (direction, distance) = (chance.Between(0, 2 * Math.PI), (neighbour.Radius + shape.Radius) * chance.Between(0.9, 1));
                (x, y) = (neighbour.X + (distance * Math.Cos(direction)), neighbour.Y + (distance * Math.Sin(direction)));
                if (x < margin || y < margin || x > width - margin || y > height - margin)
                    continue;
            }

            var cell = shape with { X = x, Y = y };
            if (cells.TrueForAll(other => other == neighbour || Apart(cell, other)))
                return cell;
        }

        return null;
    }

    private static bool Apart(Cell one, Cell other) =>
        Math.Pow(one.X - other.X, 2) + Math.Pow(one.Y - other.Y, 2) > Math.Pow(one.Major + other.Major + 5, 2);
}
