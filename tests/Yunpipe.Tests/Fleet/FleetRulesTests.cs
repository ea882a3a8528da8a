using CsCheck;
using Yunpipe.Fleet;

namespace Yunpipe.Tests.Fleet;

public sealed class FleetRulesTests
{
    private const long Now = 1_000_000_000_000;

    private static StepDemand Step(string name = "blur", long waiting = 0, long held = 0) => new(name, waiting, held, 1, 20, ["FARGATE_SPOT", "FARGATE"], 4096, 30720);

    private static FleetTask Task(string id, string step = "blur", TaskPhase phase = TaskPhase.Running, int secondsAgo = 60, string capacity = "FARGATE_SPOT", int memory = 4096) =>
        new(id, step, phase, Now - secondsAgo * 1000L, capacity, memory);

    private static FleetState State(IReadOnlyList<StepDemand> steps, params FleetTask[] tasks) => new(Now, 20, 120, 600, steps, tasks, [], []);

    private static string Told(FleetDecision decision) => string.Join("; ",
        decision.Starts.Select(start => $"start {start.Count} {start.Step} on {start.Capacity}{(start.MemoryMiB is { } memory ? $" with {memory} MiB" : "")}")
        .Concat(decision.Stops.Select(stop => $"stop {stop.Id}")).Concat(decision.EndInstances.Select(id => $"end {id}")));

    [Theory]
    // waiting, held, seconds a job, seconds a start, slots → tasks
    [InlineData(0, 0, null, null, 1, 0)]
    [InlineData(1, 0, null, null, 1, 1)]
    [InlineData(1, 0, 0.2, 30.0, 1, 1)]
    [InlineData(1000, 0, 0.2, 30.0, 1, 2)]
    [InlineData(1000, 0, 0.1, 300.0, 1, 1)]
    [InlineData(10, 0, 600.0, 60.0, 1, 10)]
    [InlineData(10, 0, 600.0, 60.0, 4, 3)]
    [InlineData(0, 3, 600.0, 60.0, 1, 3)]
    [InlineData(5, 3, 600.0, 60.0, 1, 8)]
    [InlineData(1_000_000, 0, 1.0, 60.0, 1, 8334)]
    public void Tasks_are_wanted_for_as_much_work_as_is_worth_a_start(long waiting, long held, double? job, double? start, int slots, int expected) =>
        FleetRules.Wanted(Step(waiting: waiting, held: held) with { JobSeconds = job, StartSeconds = start, Slots = slots }).ShouldBe(expected);

    [Fact]
    public void One_upload_starts_one_task() => Told(FleetRules.Decide(State([Step(waiting: 1)]))).ShouldBe("start 1 blur on FARGATE_SPOT");

    [Fact]
    public void A_task_that_is_starting_counts_as_one_that_runs() =>
        Told(FleetRules.Decide(State([Step(waiting: 1)], Task("a", phase: TaskPhase.Starting)))).ShouldBe("");

    [Fact]
    public void The_limit_is_shared_in_turns_deepest_steps_first()
    {
        var steps = new[] { Step("late", waiting: 100), Step("early", waiting: 100) };
        var decision = FleetRules.Decide(State(steps) with { Most = 5 });
        Told(decision).ShouldBe("start 3 late on FARGATE_SPOT; start 2 early on FARGATE_SPOT");
        decision.Words.Single().Sentence.ShouldBe("5 tasks are the most that this deployment may run; more jobs wait.");
    }

    [Fact]
    public void Without_work_nothing_starts_and_what_outstays_is_stopped()
    {
        var step = Step() with { EmptySince = Now - 300_000 };
        Told(FleetRules.Decide(State([step], Task("young", secondsAgo: 200), Task("old", secondsAgo: 400)))).ShouldBe("stop old");
        Told(FleetRules.Decide(State([step with { EmptySince = Now - 100_000 }], Task("old", secondsAgo: 4000)))).ShouldBe("");
        Told(FleetRules.Decide(State([step with { Waiting = 1, EmptySince = null }], Task("old", secondsAgo: 4000)))).ShouldBe("");
    }

    [Fact]
    public void A_task_that_boots_is_told_apart_from_one_that_cannot_be_placed()
    {
        var starting = Task("a", phase: TaskPhase.Starting, secondsAgo: 590) with { Reason = "RESOURCE:MEMORY" };
        var booting = FleetRules.Decide(State([Step(waiting: 1)], starting));
        (Told(booting), booting.Words.Count).ShouldBe(("", 0));
        var late = FleetRules.Decide(State([Step(waiting: 1)], starting with { Asked = Now - 700_000 }));
        Told(late).ShouldBe("");
        late.Words.Single().Sentence.ShouldBe("A task has not come up on FARGATE_SPOT for 11 min 40 s: RESOURCE:MEMORY.");
        var given = FleetRules.Decide(State([Step(waiting: 1)], starting with { Asked = Now - 1_000_000 }));
        Told(given).ShouldBe("start 1 blur on FARGATE; stop a");
        given.Stops.Single().IsRefusal.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, 119, "start 1 blur on FARGATE")]
    [InlineData(1, 121, "start 1 blur on FARGATE_SPOT")]
    [InlineData(3, 400, "start 1 blur on FARGATE")]
    [InlineData(3, 500, "start 1 blur on FARGATE_SPOT")]
    [InlineData(40, 3599, "start 1 blur on FARGATE")]
    [InlineData(40, 3601, "start 1 blur on FARGATE_SPOT")]
    public void Spot_that_refuses_is_left_alone_for_longer_each_time(int times, int secondsAgo, string expected) =>
        Told(FleetRules.Decide(State([Step(waiting: 1)]) with { Refusals = [new Refusal("blur", "FARGATE_SPOT", Now - secondsAgo * 1000L, times, "Capacity is unavailable at this time.")] })).ShouldBe(expected);

    [Fact]
    public void After_a_refusal_one_task_shows_whether_there_will_be_another()
    {
        var refused = State([Step(waiting: 1000)]) with { Refusals = [new Refusal("blur", "FARGATE_SPOT", Now - 130_000, 1, "CannotPullContainerError")] };
        Told(FleetRules.Decide(refused)).ShouldBe("start 1 blur on FARGATE_SPOT");
        Told(FleetRules.Decide(refused with { Tasks = [Task("a", phase: TaskPhase.Starting)] })).ShouldBe("");
        Told(FleetRules.Decide(refused with { Tasks = [Task("a")], Refusals = [] })).ShouldBe("start 19 blur on FARGATE_SPOT");
    }

    [Fact]
    public void Where_nothing_has_room_the_reason_is_said()
    {
        var refusals = new[] { new Refusal("blur", "FARGATE_SPOT", Now - 2000, 1, "No spot."), new Refusal("blur", "FARGATE", Now - 1000, 1, "You've reached the limit on the number of vCPUs.") };
        var decision = FleetRules.Decide(State([Step(waiting: 1)]) with { Refusals = refusals });
        Told(decision).ShouldBe("");
        decision.Words.Single().Sentence.ShouldBe("No task can be started: You've reached the limit on the number of vCPUs. It is tried again.");
    }

    [Fact]
    public void A_job_that_ran_out_of_memory_gets_one_task_of_the_size_it_asks_for()
    {
        var step = Step(waiting: 1) with { Large = [6000, 9000] };
        var small = Task("a");
        Told(FleetRules.Decide(State([step], small))).ShouldBe("start 1 blur on FARGATE_SPOT with 9216 MiB");
        Told(FleetRules.Decide(State([step], small, Task("b", phase: TaskPhase.Starting, memory: 9216)))).ShouldBe("");
        Told(FleetRules.Decide(State([step with { Large = [1_000_000] }], small))).ShouldBe("start 1 blur on FARGATE_SPOT with 30720 MiB");
    }

    [Fact]
    public void An_instance_without_tasks_ends_after_the_idle_time_unless_one_is_on_its_way()
    {
        var step = Step() with { Capacity = ["own"] };
        var idle = new FleetInstance("i-1", "own", 0, Now - 130_000);
        var busy = new FleetInstance("i-2", "own", 1, null);
        var fresh = new FleetInstance("i-3", "own", 0, Now - 1000);
        Told(FleetRules.Decide(State([step]) with { Instances = [idle, busy, fresh] })).ShouldBe("end i-1");
        Told(FleetRules.Decide(State([step with { Waiting = 1 }]) with { Instances = [idle] })).ShouldBe("start 1 blur on own");
        Told(FleetRules.Decide(State([step], Task("a", phase: TaskPhase.Starting, capacity: "own")) with { Instances = [idle] })).ShouldBe("");
    }

    [Fact]
    public void A_task_of_a_step_that_is_gone_is_stopped() => Told(FleetRules.Decide(State([], Task("a", "old")))).ShouldBe("stop a");

    private static readonly Gen<FleetState> States = Gen.Select(
        Gen.Int[0, 30], Gen.Int[0, 3],
        Gen.Select(Gen.Int[0, 5000], Gen.Int[0, 40], Gen.Int[1, 4], Gen.Int[0, 15], Gen.Double[0.01, 2000], Gen.Int[0, 20_000]).Array[0, 4],
        Gen.Select(Gen.Int[0, 4], Gen.Bool, Gen.Int[0, 3000], Gen.Bool, Gen.Int[1, 8]).Array[0, 25],
        Gen.Select(Gen.Int[0, 4], Gen.Bool, Gen.Int[0, 4000], Gen.Int[1, 5]).Array[0, 6],
        (most, _, steps, tasks, refusals) => new FleetState(Now, most, 120, 600,
            [.. steps.Select((step, i) => new StepDemand($"s{i}", step.Item1, step.Item2, step.Item3, step.Item4, ["spot", "steady"], 4096, 16384)
                { JobSeconds = step.Item5, EmptySince = step.Item1 + step.Item2 == 0 ? Now - step.Item6 * 100L : null, Large = step.Item6 % 7 == 0 && step.Item1 > 0 ? [step.Item6] : [] })],
            [.. tasks.Select((task, i) => new FleetTask($"t{i}", $"s{task.Item1}", task.Item2 ? TaskPhase.Running : TaskPhase.Starting, Now - task.Item3 * 1000L, task.Item4 ? "spot" : "steady", task.Item5 * 2048))],
            [.. refusals.Select(refusal => new Refusal($"s{refusal.Item1}", refusal.Item2 ? "spot" : "steady", Now - refusal.Item3 * 1000L, refusal.Item4, "no"))], []));

    [Fact]
    public void Whatever_the_state_limits_hold_and_nothing_is_negative() => States.Sample(state =>
    {
        var decision = FleetRules.Decide(state);
        decision.Starts.ShouldAllBe(start => start.Count > 0);
        var started = decision.Starts.Sum(start => start.Count);
        if (started > 0) (state.Tasks.Count + started).ShouldBeLessThanOrEqualTo(state.Most);
        foreach (var step in state.Steps)
        {
            var own = decision.Starts.Where(start => start.Step == step.Name).Sum(start => start.Count);
            if (own > 0) (own + state.Tasks.Count(task => task.Step == step.Name) - decision.Stops.Count(stop => stop.Step == step.Name)).ShouldBeLessThanOrEqualTo(step.MostTasks);
            decision.Starts.Where(start => start.Step == step.Name).ShouldAllBe(start => start.MemoryMiB == null || start.MemoryMiB <= step.MostMemoryMiB);
        }
        decision.Stops.Select(stop => stop.Id).ShouldBeUnique();
    });

    [Fact]
    public void A_decision_that_was_carried_out_leads_to_no_other() => States.Sample(state =>
    {
        var decision = FleetRules.Decide(state);
        var stopped = decision.Stops.Select(stop => stop.Id).ToHashSet();
        var after = state with
        {
            Tasks = [.. state.Tasks.Where(task => !stopped.Contains(task.Id)),
                .. decision.Starts.SelectMany((start, n) => Enumerable.Range(0, start.Count).Select(i => new FleetTask($"n{n}-{i}", start.Step, TaskPhase.Starting, Now, start.Capacity, start.MemoryMiB ?? 4096)))],
            Refusals = [.. state.Refusals, .. decision.Stops.Where(stop => stop.IsRefusal).Select(stop => new Refusal(stop.Step, stop.Capacity, Now, 1, stop.Reason))],
        };
        var again = FleetRules.Decide(after);
        again.Stops.ShouldBeEmpty();
        // Only what found no room before, because stopping tasks still took it or a call starts so many at most, may follow.
        if (stopped.Count == 0 && decision.Starts.Sum(start => start.Count) < 50) again.Starts.ShouldBeEmpty();
    });

    [Fact]
    public void Work_is_never_taken_from_a_task_that_runs_while_its_queue_holds_something() => States.Sample(state =>
    {
        var busy = state.Steps.Where(step => step.Waiting + step.InFlight > 0).Select(step => step.Name).ToHashSet();
        FleetRules.Decide(state).Stops.ShouldAllBe(stop => !busy.Contains(stop.Step) || stop.IsRefusal);
    });

    [Fact]
    public void Without_work_everything_comes_to_nothing()
    {
        var state = State([Step() with { EmptySince = Now }], Task("a"), Task("b", phase: TaskPhase.Starting));
        for (var minute = 1; minute < 40 && state.Tasks.Count > 0; minute++)
        {
            var decision = FleetRules.Decide(state = state with { Now = Now + minute * 60_000L });
            decision.Starts.ShouldBeEmpty();
            state = state with { Tasks = [.. state.Tasks.Where(task => decision.Stops.All(stop => stop.Id != task.Id))] };
        }
        state.Tasks.ShouldBeEmpty();
    }
}
