using Yunpipe.Work;

namespace Yunpipe.Tests.Runs;

/// <summary>One process for many items: what may share it, and what each gets.</summary>
public sealed class BatchTests
{
    /// <summary>Writes a file for each of its images, which says how the process was called and what it read.</summary>
    private static void Many(Bench bench, string inputs = "", string more = "")
    {
        bench.Algorithms["many"] = $"{{name: many, command: [many, '${{n}}', {inputs}'${{images}}'], inputs: {{images: {{list: true}}{more}}}, outputs: {{out: '${{stem}}.many'}}, variables: {{n: {{type: integer, default: 0}}}}}}";
        var fixedArguments = 2 + inputs.Count(c => c == ',');
        bench.Launcher.Programs["many"] = call =>
        {
            var field = fixedArguments > 2 ? "+" + call.Read(2) : "";
            foreach (var path in call.Arguments.Skip(fixedArguments)) call.Write(Path.GetFileNameWithoutExtension(path) + ".many", File.ReadAllText(path) + field + " n=" + call.Arguments[1]);
            return 0;
        };
    }

    private static void NothingIsTriedTwice(Bench bench, long expected, Yunpipe.Runs.RunSummary summary)
    {
        summary.SetAside.ShouldBe(0);
        summary.Ran.ShouldBe(expected);
        summary.Steps.Sum(step => step.Retries).ShouldBe(0);
        bench.Launcher.Ran.Count.ShouldBeLessThan((int)expected);
    }

    [Fact]
    public async Task Values_of_a_matrix_do_not_share_a_process()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 12).Select(i => $"{i}.txt")]);
        Many(bench);
        var summary = await bench.Run("{input: ./in, steps: [{name: many, algorithm: many, inputs: {images: input}, matrix: {n: [1, 2, 3]}, batch: 12}]}", jobs: 1);
        NothingIsTriedTwice(bench, 36, summary);
        for (var n = 1; n <= 3; n++)
            for (var i = 0; i < 12; i++) bench.Result($"many/n={n}/{i}.many").ShouldBe($"content of {i}.txt n={n}");
    }

    [Fact]
    public async Task Values_that_differ_from_item_to_item_do_not_share_a_process()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 12).Select(i => $"{i % 2}/{i}.txt")]);
        Many(bench);
        var summary = await bench.Run("{input: {location: ./in, pattern: '{half}/{name}.txt'}, steps: [{name: many, algorithm: many, inputs: {images: input}, variables: {n: '${half}'}, batch: 12}]}", jobs: 1);
        NothingIsTriedTwice(bench, 12, summary);
        for (var i = 0; i < 12; i++) bench.Result($"many/{i % 2}/{i}.many").ShouldBe($"content of {i % 2}/{i}.txt n={i % 2}");
    }

    [Fact]
    public async Task Items_that_would_write_one_name_do_not_share_a_process()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 12).Select(i => $"P{i % 3}/{i / 3}.txt")]);
        Many(bench);
        var summary = await bench.Run("{input: {location: ./in, pattern: '{plate}/{name}.txt'}, steps: [{name: many, algorithm: many, inputs: {images: input}, batch: 12}]}", jobs: 1);
        NothingIsTriedTwice(bench, 12, summary);
        for (var i = 0; i < 12; i++) bench.Result($"many/P{i % 3}/{i / 3}.many").ShouldBe($"content of P{i % 3}/{i / 3}.txt n=0");
    }

    [Fact]
    public async Task A_gathered_input_comes_once_for_all_items_of_its_group()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 12).Select(i => $"P{i % 2}/{i}.txt")]);
        Many(bench, "'${field}', ", ", field: ");
        var summary = await bench.Run("""
            input: {location: ./in, pattern: '{plate}/{name}.txt'}
            steps:
              - {name: field, algorithm: join, inputs: {parts: input}, gather: '${plate}'}
              - {name: many, algorithm: many, inputs: {images: input, field: field}, batch: 12}
            """, jobs: 1);
        NothingIsTriedTwice(bench, 14, summary);
        for (var i = 0; i < 12; i++)
        {
            var field = string.Join('|', Enumerable.Range(0, 12).Where(other => other % 2 == i % 2).Select(other => $"P{i % 2}/{other}.txt").Order(StringComparer.Ordinal).Select(path => "content of " + path));
            bench.Result($"many/P{i % 2}/{i}.many").ShouldBe($"content of P{i % 2}/{i}.txt+{field} n=0");
        }
    }

    [Fact]
    public async Task An_optional_input_of_the_second_item_reaches_the_process_too()
    {
        await using var bench = new Bench("a_1.txt", "b_1.txt", "b_2.txt", "c_1.txt");
        bench.Algorithms["pairs"] = "{name: pairs, command: [pairs, '${images}', --masks, '${masks}'], inputs: {images: {list: true}, masks: {list: true, required: false}}, outputs: {out: '${stem}.pair'}}";
        bench.Launcher.Programs["pairs"] = call =>
        {
            var masks = call.Arguments.SkipWhile(word => word != "--masks").Skip(1).ToList();
            foreach (var path in call.Arguments.Skip(1).TakeWhile(word => word != "--masks"))
            {
                var name = Path.GetFileNameWithoutExtension(path)[..1];
                call.Write(name + ".pair", File.ReadAllText(path) + string.Concat(masks.Where(mask => Path.GetFileName(mask)[..1] == name).Select(File.ReadAllText)));
            }
            return 0;
        };
        await bench.Run("""
            input: {location: ./in, pattern: "{name}_{n}.txt", item: {key: "${name}", parts: {image: {n: 1}, mask: {n: 2, required: false}}}}
            steps: [{name: pairs, algorithm: pairs, inputs: {images: input.image, masks: input.mask}, batch: 3}]
            """, jobs: 1);
        bench.Result("pairs/b.pair").ShouldBe("content of b_1.txtcontent of b_2.txt");
        bench.Result("pairs/c.pair").ShouldBe("content of c_1.txt");
    }

    [Fact]
    public async Task A_batch_is_one_process_with_a_manifest_for_each_of_its_jobs()
    {
        await using var bench = new Bench("a.txt", "b.txt", "c.txt", "d.txt", "e.txt");
        bench.Algorithms["many"] = "{name: many, command: [many, '${images}'], inputs: {images: {list: true}}, outputs: {out: '${stem}.many'}}";
        bench.Launcher.Programs["many"] = call =>
        {
            foreach (var path in call.Arguments.Skip(1)) call.Write(Path.GetFileNameWithoutExtension(path) + ".many", File.ReadAllText(path));
            return 0;
        };
        var summary = await bench.Run("{input: ./in, steps: [{name: many, algorithm: many, inputs: {images: input}, batch: 5}]}", jobs: 1);
        summary.Ran.ShouldBe(5);
        bench.Launcher.Ran.Count.ShouldBeLessThan(5);
        bench.Result("many/d.many").ShouldBe("content of d.txt");
    }

    [Fact]
    public async Task A_failed_batch_is_tried_singly_so_that_only_the_guilty_item_is_set_aside()
    {
        await using var bench = new Bench("a.txt", "b.txt", "c.txt", "d.txt");
        bench.Algorithms["many"] = "{name: many, command: [many, '${images}'], inputs: {images: {list: true}}, outputs: {out: '${stem}.many'}, exitCodes: {3: {kind: permanent, says: Bad}}}";
        bench.Launcher.Programs["many"] = call =>
        {
            foreach (var path in call.Arguments.Skip(1))
            {
                if (path.EndsWith("c.txt")) return 3;
                call.Write(Path.GetFileNameWithoutExtension(path) + ".many", "x");
            }
            return 0;
        };
        var summary = await bench.Run("{input: ./in, steps: [{name: many, algorithm: many, inputs: {images: input}, batch: 4}]}", jobs: 1);
        summary.Ran.ShouldBe(3);
        (await bench.Failures()).ShouldHaveSingleItem().Key.ShouldBe("c.txt");
    }
}
