using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Verbs;

/// <summary>A scientist looks before and after a run: items, plan, status, failures, logs.</summary>
public sealed class LookingTests
{
    [Fact]
    public void Items_and_plan_tell_before_anything_runs_and_leave_no_trace()
    {
        using var cli = new Cli();
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/before.txt", cli.Transcript(
            ["items", "wf.yaml"], ["items", "wf.yaml", "--json"], ["plan", "wf.yaml", "--why"], ["plan", "wf.yaml", "--json"], ["status", "out"]));
        cli.Has("out").ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(Path.Combine(cli.Root, "tmp")).ShouldBeEmpty();
    }

    [Fact]
    public void After_a_run_every_job_can_be_asked_about_by_any_name()
    {
        using var cli = new Cli();
        cli.Do("run", "wf.yaml").Exit.ShouldBe(3);
        Golden.CheckFile("tests/Yunpipe.EndToEnd/Golden/after.txt", cli.Transcript(
            ["status", "out"], ["status", "out", "--json"], ["failures", "out"], ["failures", "out", "--json"], ["failures", "out", "--cause", "timed-out"], ["failures", "out", "--cause", "exitcode"],
            ["failures", "out", "--step", "upper"], ["logs", "out/copy/a.copy"], ["logs", "copy/bad one.txt", "-o", "out"], ["logs", "upper/a.txt", "-o", "out"], ["logs", "bad one.txt", "-o", "out", "--json"],
            ["logs", "nobody", "-o", "out"], ["plan", "wf.yaml", "--set", "copy.sigma=2", "--why"]));
        var failure = cli.Do("failures", "out", "--json").Json().GetProperty("failures")[0];
        var id = failure.GetProperty("job").GetString()!;
        cli.Do("logs", id, "-o", "out").Out.ShouldContain("cannot read it");
        cli.Do("logs", id[..6], "-o", "out").Out.ShouldContain("cannot read it");
        cli.Do("logs", "a.txt", "-o", "out").Error.ShouldContain("2 jobs: copy/a.txt");
    }

    [Fact]
    public void A_plan_says_which_job_can_never_fit()
    {
        using var cli = new Cli();
        cli.Put("upper.yaml", cli.Read("upper.yaml") + "\nresources: {cpu: 900}\n");
        var said = cli.Do("plan", "wf.yaml");
        said.Exit.ShouldBe(2);
        said.Error.ShouldContain("Step “upper” needs 900 processor cores");
    }

    [Fact]
    public void Retry_forgets_and_names_the_command_that_goes_on()
    {
        using var cli = new Cli();
        cli.Do("run", "wf.yaml");
        cli.Put("in/bad one.txt", "good now\n");
        var said = cli.Do("failures", "out", "--retry", "copy/bad one.txt");
        said.Out.ShouldBe("1 failure forgotten. The next run tries it again: yunpipe run wf.yaml\n");
        cli.Do("run", "wf.yaml").Exit.ShouldBe(0);
        cli.Do("failures", "out").Out.ShouldBe("Nothing is set aside.\n");
        cli.Do("failures", "out", "--retry").Exit.ShouldBe(4);
    }

    [Fact]
    public void While_somebody_runs_looking_is_free_and_changing_is_not()
    {
        using var cli = new Cli();
        cli.Do("run", "wf.yaml");
        using var held = new FileStream(Path.Combine(cli.Root, "out/_yunpipe/lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        held.Write(System.Text.Encoding.UTF8.GetBytes($$"""{"pid":{{Environment.ProcessId}},"host":"{{Environment.MachineName}}","started":0,"command":"yunpipe run wf.yaml"}"""));
        held.Flush();
        cli.Do("status", "out").Out.ShouldContain($"Process {Environment.ProcessId} on {Environment.MachineName} works on it: yunpipe run wf.yaml");
        cli.Do("plan", "wf.yaml").Exit.ShouldBe(0);
        cli.Do("failures", "out", "--retry").Exit.ShouldBe(5);
        cli.Do("clean", "out", "--attempts").Exit.ShouldBe(5);
    }
}
