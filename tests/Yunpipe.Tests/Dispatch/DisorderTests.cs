using Yunpipe.Dispatch;

namespace Yunpipe.Tests.Dispatch;

/// <summary>Whatever happens to events, messages and dispatchers, the end is the same.</summary>
public sealed class DisorderTests
{
    private const string Everything = """
        name: w
        input: {location: ./in, pattern: "{plate}/{well}-{ch}.tif", item: {key: "${plate}/${well}", parts: {a: {ch: 1}, b: {ch: 2}}}}
        steps:
          - {name: pair,  algorithm: pair, inputs: {a: input.a, b: input.b}}
          - {name: cut,   algorithm: cut,  inputs: {image: pair}}
          - {name: tiles, algorithm: join, inputs: {parts: cut.tiles}, gather: "${origin}"}
          - {name: plate, algorithm: join, inputs: {parts: pair}, gather: {by: "${plate}", missing: skip}}
          - {name: flat,  algorithm: pair, inputs: {a: pair, b: plate}}
        """;

    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Events_lost_doubled_and_shuffled_with_uploads_corrections_and_removals_between_come_to_the_same_end(int seed)
    {
        var random = new Random(seed);
        var bench = new DispatchBench(Everything, quiet: 120);
        bench.Poison.Add("P1/w3");
        for (var turn = 0; turn < 60; turn++)
        {
            var (plate, well, channel) = ($"P{random.Next(2)}", $"w{random.Next(5)}", random.Next(2) + 1);
            if (turn < 40) bench.Put($"{plate}/{well}-{channel}.tif", new string('+', random.Next(3)) + random.Next(3));
            else if (turn == 45) bench.Remove("P0/w0-1.tif");
            // What has happened is lost, doubled and shuffled on its way.
            var events = bench.Happened.Where(_ => random.NextDouble() > 0.15).SelectMany(happened => random.NextDouble() < 0.3 ? new[] { happened, happened } : [happened]).OrderBy(_ => random.Next()).ToList();
            var late = events.Where(_ => random.NextDouble() < 0.3).ToList();
            bench.Happened.Clear();
            if (random.NextDouble() < 0.2) bench.Another();
            await bench.Dispatcher.Handle(events.Except(late).ToList(), default);
            bench.Happened.AddRange(late);
            // Messages are doubled, and lost.
            foreach (var job in bench.Queue.ToList())
            {
                if (random.NextDouble() < 0.5) continue;
                bench.Queue.Remove(job);
                if (random.NextDouble() < 0.1) continue;
                await bench.Work(job);
                if (random.NextDouble() < 0.2) await bench.Work(job);
            }
            if (random.NextDouble() < 0.5) await bench.Minute();
        }
        await bench.Settle(200);
        var told = new List<string>();
        (await bench.LeftToDo(told)).ShouldBe(0, string.Join("\n", told));
        foreach (var plate in (string[])["P0", "P1"])
        {
            var members = (await bench.Store.FindItem("plate", plate, default))!.Inputs.Select(input => input.Key).ToList();
            members.ShouldBe(await bench.Current("pair", plate + "/"));
        }
    }

    [Fact]
    public async Task Many_dispatchers_at_once_leave_nothing_undone()
    {
        var bench = new DispatchBench(Everything, quiet: 60);
        for (var n = 0; n < 30; n++) bench.Put($"P{n % 3}/w{n / 2}-{n % 2 + 1}.tif");
        for (var turn = 0; turn < 40; turn++)
        {
            var events = bench.Happened.ToList();
            bench.Happened.Clear();
            var dispatchers = Enumerable.Range(0, 3).Select(_ => bench.Another()).ToList();
            await Task.WhenAll(dispatchers.Select((dispatcher, n) => Task.Run(() => dispatcher.Handle(events.Where((_, at) => at % 3 == n).ToList(), default))));
            await bench.Work();
            bench.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAll(dispatchers.Select(dispatcher => Task.Run(() => dispatcher.LookAtDue(100, bench.Empty, default))));
        }
        await bench.Settle(40);
        (await bench.LeftToDo()).ShouldBe(0);
    }
}
