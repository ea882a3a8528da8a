namespace Yunpipe.EndToEnd.Agent;

/// <summary>docs/guide/by-hand.md: a wrapped image runs its algorithm for a person.</summary>
public sealed class HandRunTests
{
    [Fact]
    public async Task One_image_gives_its_results_under_their_declared_names()
    {
        using var bench = new HandBench().Put("cells.tif");
        var said = await bench.Agent("cells.tif", "out/", "--sigma", "2.50", "--fast");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Files("out").ShouldBe(["cells_outline.tif", "cells_values.txt"]);
        bench.Read("out/cells_outline.tif").ShouldBe("cells.tif");
        bench.Read("out/cells_values.txt").ShouldBe("2.5 sobel --fast\n");
        said.Out.ShouldBe("2.5 sobel --fast\n");
        said.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Several_images_are_done_each_in_turn()
    {
        using var bench = new HandBench().Put("a.tif", "b c.tif");
        var said = await bench.Agent("a.tif", "b c.tif", "out");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Files("out").ShouldBe(["a/a_values.txt", "a_outline.tif", "b c/b c_values.txt", "b c_outline.tif"]);
        said.Error.ShouldBe("yunpipe: [1/2] a.tif\nyunpipe: [2/2] b c.tif\nyunpipe: 2 of 2 images have their results.\n");
    }

    [Fact]
    public async Task A_folder_stands_for_every_file_in_it_that_the_input_accepts()
    {
        using var bench = new HandBench().Put("in/a.tif", "in/deep/B.TIF", "in/notes.txt", "in/.hidden.tif", "in/half.tif.part", "in/out/old_outline.tif");
        var said = await bench.Agent("in", "in/out");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Files("in/out").Where(file => file.EndsWith("outline.tif", StringComparison.Ordinal)).ShouldBe(["a_outline.tif", "deep/B_outline.tif", "old_outline.tif"]);
    }

    [Fact]
    public async Task An_input_beside_the_image_is_given_by_its_name()
    {
        using var bench = new HandBench().Put("a.tif", "masks/m.png");
        var said = await bench.Agent("--mask", "masks/m.png", "--image=a.tif", "out");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Read("out/a_values.txt").ShouldMatch("^1.5 sobel --mask /.*/in/m.png\n$");
    }

    [Fact]
    public async Task A_list_takes_all_images_in_one_call()
    {
        using var bench = new HandBench("""
            name: montage
            command: [/bin/sh, -c, 'cat "$$@" > "$$0"; cut -d, -f2 "${images.table}" >> "$$0"', "${out}/${key}.txt", "${images}"]
            inputs: {images: {list: true, accepts: "*.tif"}}
            outputs: "${key}.txt"
            """).Put("in/a.tif", "in/b.tif", "c.tif");
        var said = await bench.Agent("in", "c.tif", "out");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Read("out/all.txt").ShouldBe("in/a.tifin/b.tifc.tifkey\na.tif\nb.tif\nc.tif\n");
    }

    [Fact]
    public async Task A_directory_image_is_one_image()
    {
        using var bench = new HandBench("""
            name: zarr
            command: [/bin/cp, -rL, "${image}", "${out}/${stem}.copy.zarr"]
            inputs: {image: {accepts: "*.zarr", kind: directory}}
            outputs: {copy: {path: "${stem}.copy.zarr", kind: directory}}
            """).Put("plate/a.zarr/0/0", "plate/b.zarr/0/0");
        (await bench.Agent("plate/a.zarr", "one")).Exit.ShouldBe(0);
        (await bench.Agent("plate", "all")).Exit.ShouldBe(0);
        bench.Files("one").ShouldBe(["a.copy.zarr/0/0"]);
        bench.Files("all").ShouldBe(["a.copy.zarr/0/0", "b.copy.zarr/0/0"]);
    }

    [Fact]
    public async Task Nothing_but_the_results_is_left_and_the_images_are_as_they_were()
    {
        using var bench = new HandBench().Put("a.tif");
        (await bench.Agent("a.tif", ".", "--code", "9")).Exit.ShouldBe(9);
        bench.Files(".").ShouldBe(["a.tif"]);
        (await bench.Agent("a.tif", ".")).Exit.ShouldBe(0);
        bench.Files(".").ShouldBe(["a.tif", "a_outline.tif", "a_values.txt"]);
        bench.Read("a.tif").ShouldBe("a.tif");
        Directory.EnumerateFileSystemEntries(bench.Root, ".*").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("-x.tif")]
    [InlineData("a b'\"$(touch spoiled);#%2F+é\n.tif")]
    [InlineData("exec.tif")]
    public async Task A_name_is_data(string name)
    {
        using var bench = new HandBench().Put(name);
        (await bench.Agent("other/", "--image", name)).Exit.ShouldBe(0);
        var said = await bench.Agent("--", name, "out/");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Files("out").ShouldContain(name.Replace(".tif", "_outline.tif", StringComparison.Ordinal));
        bench.Files(".").ShouldNotContain("spoiled");
    }

    [Fact]
    public async Task The_algorithm_sees_the_environment_of_the_image_and_none_of_ours()
    {
        using var bench = new HandBench("""
            name: world
            command: [/bin/sh, -c, 'env > "$$0"; tr "\000" "\n" < /proc/1/environ > /dev/null 2>&1; pwd >> "$$0"', "${out}/world.txt"]
            outputs: world.txt
            environment: {LAB_ROOM: "12"}
            """);
        (await bench.Agent("out")).Exit.ShouldBe(0);
        var world = bench.Read("out/world.txt");
        world.ShouldContain("LAB=imaging\n");
        world.ShouldContain("LAB_ROOM=12\n");
        world.ShouldNotContain("YUNPIPE_");
        world.ShouldMatch("(?m)^HOME=.*/tmp$");
    }

    [Fact]
    public async Task A_place_that_the_algorithm_insists_on_is_linked_for_the_call()
    {
        using var bench = new HandBench();
        var place = Path.Combine(bench.Root, "fixed");
        using var fixedBench = new HandBench($$"""
            name: fixed
            command: [/bin/cp, {{place}}/input.tif, {{place}}/results/output.tif]
            inputs: {image: {path: {{place}}/input.tif} }
            outputs: {result: {{place}}/results/output.tif}
            """).Put("a.tif");
        var said = await fixedBench.Agent("a.tif", "out");
        said.Exit.ShouldBe(0, said.ToString());
        fixedBench.Files("out").ShouldBe(["output.tif"]);
        File.Exists(Path.Combine(place, "input.tif")).ShouldBeFalse();
    }

    [Fact]
    public async Task Settings_files_standard_streams_and_the_working_directory_are_as_in_a_run()
    {
        using var bench = new HandBench("""
            name: streams
            command: [/bin/sh, -c, 'pwd; cat; cat "$$0"', "${settings}"]
            inputs: image
            outputs: "${stem}.txt"
            variables: {sigma: {type: number, default: 2}}
            workdir: ${tmp}
            stdin: ${image}
            stdout: "${stem}.txt"
            configs: {settings: {path: settings.ini, lines: ["sigma = ${sigma}", "name = ${image.name}"]}}
            """).Put("a.tif");
        var said = await bench.Agent("a.tif", "out", "--sigma", "3");
        said.Exit.ShouldBe(0, said.ToString());
        said.Out.ShouldBeEmpty();
        bench.Read("out/a.txt").ShouldMatch("^/.*/tmp\na.tifsigma = 3\nname = a.tif\n$");
    }
}
