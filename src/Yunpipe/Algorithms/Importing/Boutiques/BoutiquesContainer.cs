using System.Globalization;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>Image, options of the container, resources and exit codes.</summary>
internal static class BoutiquesContainer
{
    public static Algorithm Image(ForeignMap tool, Algorithm algorithm, ImportNotes notes)
    {
        if (tool.Node("container-image") is not { } node) return algorithm;
        var container = ForeignMap.Of(node, "the container image", notes);
        var type = container.RequiredText("type");
        var image = container.Text("image") ?? "";
        if (type is not ("docker" or "singularity"))
            notes.NotCarried(container.Where, $"an image of the type {Wording.Quote(type)}: images are those of Docker and of registries.");
        else if (Reference(container, type, image) is { } reference) algorithm = algorithm with { Image = reference };
        container.NotCarried("url", "since there is no such image here");
        container.NotCarried("working-directory", "since results are looked for where the process starts");
        if (container.Flag("entrypoint")) notes.LeftOut(container.Place("entrypoint"), "the entrypoint: the command is given whole.");
        foreach (var option in container.Texts("container-opts")) algorithm = Option(algorithm, option, container, notes);
        container.Rest();
        return algorithm;
    }

    private static string? Reference(ForeignMap container, string type, string image)
    {
        var index = container.Text("index")?.Trim('/');
        var hash = container.Text("container-hash");
        var isDocker = type == "docker" || image.StartsWith("docker://", StringComparison.Ordinal) || index is "docker:" or "docker.io" or "hub.docker.com";
        if (image.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at) image = image[(at + 3)..];
        if (!isDocker)
        {
            container.Notes.NotCarried(container.Place("image"), $"the Singularity image {Wording.Quote(image)}: images are those of Docker and of registries.");
            return null;
        }
        var host = index?.Replace("https://", "", StringComparison.Ordinal).Replace("http://", "", StringComparison.Ordinal).Replace("docker://", "", StringComparison.Ordinal);
        if (host is { Length: > 0 } and not ("docker:" or "docker.io" or "hub.docker.com" or "index.docker.io" or "index.docker.io/v1") && !image.StartsWith(host + "/", StringComparison.Ordinal))
            image = $"{host}/{image}";
        if (hash is { Length: 71 } && hash.StartsWith("sha256:", StringComparison.Ordinal) && !image.Contains('@')) image = $"{image}@{hash}";
        else if (hash is not null) container.Notes.NotCarried(container.Place("container-hash"), "the image's hash, which is not the digest of a registry.");
        if (image.Length > 0 && !image.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))) return image;
        container.Notes.Wrong(container.Place("image"), $"{Wording.Quote(image)} is not the name of an image.");
        return null;
    }

    private static Algorithm Option(Algorithm algorithm, string option, ForeignMap container, ImportNotes notes)
    {
        var parts = option.Trim().Split(['=', ' '], 2, StringSplitOptions.TrimEntries);
        var value = parts.Length > 1 ? parts[1] : "";
        switch (parts[0])
        {
            case "--shm-size" when ByteSize.TryParse(value, out var size) && size >= ByteSize.MiB(1): return algorithm with { Resources = algorithm.Resources with { SharedMemory = size } };
            case "--memory" or "-m" when ByteSize.TryParse(value, out var memory) && memory >= ByteSize.MiB(1):
                return algorithm with { Resources = algorithm.Resources with { MemoryMinimum = memory, MemorySuggested = memory } };
            case "--cpus" when decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cpus) && cpus is >= 0.01m and <= 1024:
                return algorithm with { Resources = algorithm.Resources with { Cpu = (double)cpus } };
            case "--gpus" when value.Length > 0: return algorithm with { Resources = algorithm.Resources with { Gpu = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var gpus) && gpus is > 0 and <= 64 ? gpus : 1 } };
            case "--nv": return algorithm with { Resources = algorithm.Resources with { Gpu = 1 } };
            case "--pids-limit" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var pids) && pids is >= 1 and <= 4_194_304: return algorithm with { Resources = algorithm.Resources with { Pids = pids } };
            case "--network" or "--net" when value == "none": return algorithm with { Network = false };
            case "--rm": return algorithm;
            default:
                notes.NotCarried(container.Place("container-opts"), $"the container option {Wording.Quote(option)}: containers are started without privileges and with what Yunpipe gives them.");
                return algorithm;
        }
    }

    /// <summary>Boutiques counts memory and disk in GB; GiB are given, so that nothing is short.</summary>
    public static Resources Resources(ForeignMap tool, ImportNotes notes)
    {
        var usual = new Resources();
        if (tool.Node("suggested-resources") is not { } node) return usual;
        var asked = ForeignMap.Of(node, "the resources", notes);
        var cpu = asked.Number("cpu-cores");
        var (memory, disk) = (Gigabytes(asked, "ram"), Gigabytes(asked, "disk-space"));
        if (asked.Number("nodes") is > 1) notes.NotCarried(asked.Place("nodes"), "several machines for one job.");
        asked.NotCarried("walltime-estimate", "since a timeout would stop what takes longer than estimated", "Write a timeout if there is a time after which it hangs for sure.");
        asked.Rest();
        return usual with { Cpu = cpu is >= 0.01m and <= 1024 ? (double)cpu : usual.Cpu, MemoryMinimum = memory, MemorySuggested = memory, Disk = disk };
    }

    private static ByteSize Gigabytes(ForeignMap asked, string key) => asked.Number(key) is > 0.001m and < 1_000_000 and var size ? new ByteSize((long)(size * (1L << 30))) : default;

    public static IReadOnlyDictionary<int, ExitMeaning> ExitCodes(ForeignMap tool, ImportNotes notes)
    {
        var meanings = new SortedDictionary<int, ExitMeaning>();
        foreach (var node in tool.List("error-codes"))
        {
            var error = ForeignMap.Of(node, "an error code", notes);
            var (code, says) = (error.Number("code"), error.Text("description") ?? "");
            error.Rest();
            if (code is not (>= 1 and <= 255)) notes.NotCarried(error.Where, $"the exit code {error.Text("code")}: they go from 1 to 255.");
            else if (!meanings.TryAdd((int)code, new ExitMeaning(ExitKind.Permanent, says))) notes.NotCarried(error.Where, $"a second meaning of the exit code {code}.");
        }
        return meanings;
    }
}
