using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Local.References;
using Yunpipe.Local.Runs;
using Yunpipe.Runs;
using Yunpipe.Tests.Runs;
using Yunpipe.Work;

namespace Yunpipe.Tests.References;

/// <summary>Values that name reference data elsewhere, in a plan.</summary>
public sealed class PlanReferencesTests : IAsyncDisposable
{
    private const string Workflow = """
        input: ./in
        steps:
          - {name: one, algorithm: use, inputs: {image: input}, matrix: {model: ["s3://lab/a.pt", "./local.pt", "s3://lab/b.pt"]}}
          - {name: two, algorithm: use, inputs: {image: input}, variables: {model: "s3://lab/a.pt", atlases: ["s3://lab/x", "s3://lab/y/"]}}
        output: ./out
        """;

    private readonly Bench _bench = new();
    private readonly List<string> _asked = [];

    public PlanReferencesTests() => _bench.Algorithms["use"] =
        "{name: use, command: [use, '${image}', '${model}', '${atlases}', '${stem}.used'], inputs: [image], outputs: {out: '${stem}.used'}, variables: {model: {type: file}, atlases: {type: list, of: directory, required: false}}}";

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private Task<Reading<PlanReferences.Bringing>> Look(string place, bool directory, CancellationToken cancel)
    {
        _asked.Add($"look {place}{(directory ? " as a directory" : "")}");
        return Task.FromResult<Reading<PlanReferences.Bringing>>(new(_ =>
        {
            _asked.Add($"bring {place}");
            return Task.FromResult<Reading<LocalReference>>(new(new LocalReference("/copies/" + Path.GetFileName(place.TrimEnd('/')), "sha256:" + place), []));
        }, []));
    }

    private Task<Reading<BroughtPlan>> Bring(PlanReferences.Looking look) => PlanReferences.Bring(_bench.Plan(Workflow), look, "YP6051", default);

    [Fact]
    public async Task Every_place_is_looked_at_first_and_brought_once()
    {
        var brought = (await Bring(Look)).OrThrow();
        _asked.ShouldBe(["look s3://lab/a.pt", "look s3://lab/b.pt", "look s3://lab/x as a directory", "look s3://lab/y/ as a directory", "bring s3://lab/a.pt", "bring s3://lab/b.pt", "bring s3://lab/x", "bring s3://lab/y/"]);
        brought.Plan.Steps[0].Variants.Select(variant => variant.Values["model"].Text).ShouldBe(["/copies/a.pt", Path.Combine(_bench.Folder, "local.pt"), "/copies/b.pt"]);
        brought.Plan.Steps[1].Values["model"].Items.ShouldBe(["/copies/a.pt"]);
        brought.Plan.Steps[1].Values["atlases"].Items.ShouldBe(["/copies/x", "/copies/y"]);
        brought.Digests["/copies/b.pt"].ShouldBe("sha256:s3://lab/b.pt");
    }

    [Fact]
    public async Task What_is_absent_is_told_before_anything_is_brought_and_nobody_is_asked_where_nobody_answers()
    {
        Task<Reading<PlanReferences.Bringing>> Absent(string place, bool directory, CancellationToken cancel) => place.EndsWith("a.pt", StringComparison.Ordinal) || directory
            ? Task.FromResult<Reading<PlanReferences.Bringing>>(new(null, [new Problem("YP2002", "is not there.")])) : Look(place, directory, cancel);
        var problems = (await Bring(Absent)).Problems.Select(problem => problem.Message);
        problems.ShouldBe(["“s3://lab/a.pt”, the value of “model” of step “one”, is not there.", "“s3://lab/x”, the value of “atlases” of step “two”, is not there.", "“s3://lab/y/”, the value of “atlases” of step “two”, is not there."]);
        _asked.ShouldBe(["look s3://lab/b.pt"]);
        var asked = 0;
        (await Bring((_, _, _) => Task.FromResult<Reading<PlanReferences.Bringing>>(new(null, [new Problem("YP6051", $"cannot be read ({++asked}).")])))).Problems.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_plan_that_names_nothing_elsewhere_stays_as_it_is()
    {
        var plan = _bench.Plan("{input: ./in, steps: [{name: one, algorithm: use, variables: {model: ./m.pt}}], output: ./out}");
        (await PlanReferences.Bring(plan, Look, "", default)).OrThrow().Plan.ShouldBeSameAs(plan);
        _asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Data_that_was_not_brought_is_known_by_its_place_and_is_no_data_of_before()
    {
        var brought = (await PlanReferences.Bring(_bench.Plan("{input: ./in, steps: [{name: one, algorithm: use, variables: {model: 's3://lab/m.pt'}}], output: ./out}"), (place, _, _) => Task.FromResult<Reading<PlanReferences.Bringing>>(
            new(_ => Task.FromResult<Reading<LocalReference>>(new(new LocalReference(place, "not here: 1", 7), [])), [])), "", default)).OrThrow();
        brought.Missing.ShouldBe([new("s3://lab/m.pt", 7)]);
        var steps = (await StepPrograms.Find(brought, _ => new(_bench.Launcher, []), new Capacity(4, 0, [], 4), default)).OrThrow();
        steps[0].Variables["model"].Items.ShouldBe(["not here: 1"]);
        steps[0].References.ShouldBe(new Dictionary<string, string> { ["not here: 1"] = "s3://lab/m.pt" });
    }
}
