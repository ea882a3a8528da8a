namespace Yunpipe.Items;

/// <summary>The name without its extension. Double extensions that microscopy and neuroimaging use are one extension (model.md, "Items").</summary>
public static class Stem
{
    private static readonly string[] BuiltIn = [".ome.tiff", ".ome.tif", ".ome.zarr", ".nii.gz", ".tar.gz"];

    /// <summary>Strips the longest of the declared or built-in extensions that fits, else the last one. A leading dot is no extension.</summary>
    /// <param name="name">A file name, or a path whose last segment counts.</param>
    /// <param name="declared">Further extensions, each with its leading dot.</param>
    public static string Of(string name, IReadOnlyList<string>? declared = null)
    {
        name = name[(name.LastIndexOf('/') + 1)..];
        var longest = 0;
        foreach (var extension in BuiltIn) longest = Fit(name, extension, longest);
        foreach (var extension in declared ?? []) longest = Fit(name, extension, longest);
        if (longest == 0 && name.LastIndexOf('.') is > 0 and var dot) longest = name.Length - dot;
        return name[..^longest];
    }

    private static int Fit(string name, string extension, int longest) =>
        extension.Length > longest && extension.Length < name.Length && name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) ? extension.Length : longest;
}
