namespace Yunpipe.Tests.Runs;

/// <summary>Items of several parts on their way through steps and gathers.</summary>
public sealed class PartsTests
{
    private const string Input = """
        input: {location: ./in, pattern: "{plate}/{well}-ch{ch}.txt", item: {key: "${plate}/${well}", parts: {dna: {ch: 1}, er: {ch: 2}}}}

        """;

    private static Bench Plate() => new([.. from plate in (string[])["P1", "P2"] from well in (string[])["A1", "A2", "A3"] from ch in (int[])[1, 2] select $"{plate}/{well}-ch{ch}.txt"]);

    [Fact]
    public async Task A_gather_of_whole_items_takes_all_their_parts_and_says_which_is_which()
    {
        await using var bench = Plate();
        bench.Algorithms["list"] = "{name: list, command: [list, '${sites.table}', '${stem}.list', '${sites}'], inputs: {sites: {list: true}}, outputs: {out: '${stem}.list'}}";
        bench.Launcher.Programs["list"] = call =>
        {
            var rows = File.ReadAllLines(call.Arguments[1]).Skip(1).Select(row => row.Split(',')).ToDictionary(row => row[0]);
            call.Write(call.Arguments[2], string.Join('|', call.Arguments.Skip(3).Select(path => $"{rows[path][1]} {rows[path][2]} {File.ReadAllText(path)}")));
            return 0;
        };
        await bench.Run(Input + "steps: [{name: list, algorithm: list, inputs: {sites: input}, gather: {by: '${plate}', count: 3}}]");
        bench.Result("list/P2/P2.list").ShouldBe(
            "P2/A1/dna dna content of P2/A1-ch1.txt|P2/A1/er er content of P2/A1-ch2.txt|P2/A2/dna dna content of P2/A2-ch1.txt|P2/A2/er er content of P2/A2-ch2.txt|P2/A3/dna dna content of P2/A3-ch1.txt|P2/A3/er er content of P2/A3-ch2.txt");
        (await bench.Failures()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_count_of_a_gather_is_of_items_and_not_of_their_parts()
    {
        await using var bench = Plate();
        await bench.Run(Input + "steps: [{name: list, algorithm: join, inputs: {parts: input}, gather: {by: '${plate}', count: 4}}]");
        var failures = await bench.Failures();
        failures.Select(failure => failure.Sentence).ShouldBe(["The group “P1” lacks member 4 of 4.", "The group “P2” lacks member 4 of 4."], ignoreOrder: true);
    }

    [Fact]
    public async Task Groups_whose_names_hold_a_dot_keep_their_whole_name()
    {
        await using var bench = new Bench("a.txt");
        bench.Algorithms["tag"] = "{name: tag, command: [tag, '${image}', '${stem}.tag', '${n}'], inputs: [image], outputs: {out: '${stem}.tag'}, variables: {n: {type: number, default: 0}}}";
        bench.Launcher.Programs["tag"] = call => { call.Write(call.Arguments[2], call.Read(1) + call.Arguments[3]); return 0; };
        bench.Algorithms["plot"] = "{name: plot, command: [plot], inputs: {table: {required: false}}, outputs: {plot: plot.svg}}";
        bench.Launcher.Programs["plot"] = call => { call.Write("plot.svg", "plot"); return 0; };
        var summary = await bench.Run("""
            input: ./in
            steps:
              - {name: tag, algorithm: tag, matrix: {n: [0.5, 0.7]}}
              - {name: all, algorithm: join, inputs: {parts: tag}, gather: "${n}"}
              - {name: plot, algorithm: plot, from: all}
              - {name: each, algorithm: join, inputs: {parts: tag}, gather: "${origin}"}
            """);
        summary.ViewConflicts.ShouldBe(0);
        bench.View().Where(path => !path.StartsWith("tag/")).ShouldBe(["all/0.5/0.5.joined", "all/0.7/0.7.joined", "each/a.txt/a.joined", "plot/0.5/plot.svg", "plot/0.7/plot.svg"]);
    }

    [Fact]
    public async Task A_file_goes_to_the_output_that_names_it_and_not_to_one_with_a_wildcard()
    {
        await using var bench = new Bench("a.txt");
        bench.Algorithms["two"] = "{name: two, command: [two], inputs: {image: {required: false}}, outputs: {pictures: {path: '*.png', required: false}, overview: overview.png}}";
        bench.Launcher.Programs["two"] = call => { call.Write("overview.png", "all"); call.Write("1.png", "one"); return 0; };
        await bench.Run("{input: ./in, steps: [{name: two, algorithm: two}, {name: up, algorithm: upper, from: two.overview}]}");
        (await bench.Failures()).ShouldBeEmpty();
        bench.Result("up/a.upper").ShouldBe("ALL");
    }
}
