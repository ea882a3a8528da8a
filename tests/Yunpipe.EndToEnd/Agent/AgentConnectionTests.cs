using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>docs/spec/agent-protocol.md, "A connection", against the published agent.</summary>
public sealed class AgentConnectionTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_agent_says_its_version_first()
    {
        using var agent = new AgentTalk(_scratch);
        agent.Hello.Protocol.ShouldBe(AgentProtocol.Version);
        agent.Hello.Release.ShouldNotBeEmpty();
        agent.Hello.Pid.ShouldBe(agent.Pid);
    }

    [Theory]
    [InlineData(AgentProtocol.Version - 1)]
    [InlineData(AgentProtocol.Version + 1)]
    public void A_worker_of_another_version_is_refused(int version)
    {
        var agent = new AgentTalk(_scratch).Greet(version);
        agent.Lines.Read(AgentJson.Default.AgentDone).ShouldBeNull();
        agent.End().ShouldBe(121);
        File.ReadAllText(Path.Combine(_scratch.Root, "agent.err")).ShouldBe($"yunpipe-agent: this agent speaks version {AgentProtocol.Version} of the protocol, the worker version {version}\n");
    }

    [Theory]
    [InlineData(AgentProtocol.Version - 1)]
    [InlineData(AgentProtocol.Version + 1)]
    public void A_worker_refuses_an_agent_of_another_version(int version)
    {
        var heard = Path.Combine(_scratch.Root, "heard");
        var command = new AgentCommand(["/bin/sh", "-c", $"echo '{{\"protocol\": {version}, \"release\": \"9.9\", \"pid\": 1}}'; cat > {heard}"], ["PATH=/usr/bin:/bin"], Path.Combine(_scratch.Root, "agent.err"), () => { });
        var (agent, error) = AgentConnection.Start(command, CancellationToken.None);
        agent.ShouldBeNull();
        error.ShouldBe($"The agent speaks version {version} of the protocol, and this Yunpipe version {AgentProtocol.Version}: install both from one release.");
        File.ReadAllText(heard).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("this is not JSON")]
    [InlineData("{\"run\": 17}")]
    [InlineData("{\"run\": {\"attempt\": \"a\"}}")]
    [InlineData("[]")]
    public void A_line_that_is_no_request_ends_the_agent_with_a_code_of_its_own(string line)
    {
        var agent = new AgentTalk(_scratch).Greet();
        agent.Say(line);
        agent.Lines.Read(AgentJson.Default.AgentDone).ShouldBeNull();
        agent.End().ShouldBe(121);
    }

    [Fact]
    public void A_malformed_line_under_a_running_process_ends_that_too()
    {
        var agent = new AgentTalk(_scratch).Greet();
        agent.Send(agent.Command("/bin/sleep", "1000"));
        agent.Say("this is not JSON");
        agent.Lines.Read(AgentJson.Default.AgentDone).ShouldBeNull();
        agent.End().ShouldBe(121);
    }

    [Fact]
    public void A_field_of_a_later_release_is_ignored()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        agent.Say($$$"""{"run": {"attempt": "a1", "jobs": [], "arguments": ["/bin/echo", "hello"], "directory": "{{{agent.Attempt}}}", "environment": {}, "log": "{{{agent.Log}}}", "novelty": [1, 2]}}""");
        agent.Answer().Tail.ShouldBe("hello\n");
    }

    [Fact]
    public void The_end_of_the_connection_between_runs_is_a_good_end()
    {
        var agent = new AgentTalk(_scratch).Greet();
        agent.Run(agent.Command("/bin/true")).Exit.ShouldBe(0);
        agent.End().ShouldBe(0);
    }

    [Fact]
    public void A_request_of_a_megabyte_is_taken()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var jobs = Enumerable.Range(0, 16_000).Select(i => $"{i:x64}").ToArray();
        agent.Run(agent.Command("/bin/true") with { Jobs = jobs }).Cause.ShouldBe(EndCause.Exited);
    }

    [Fact]
    public void A_stop_of_its_container_ends_the_agent_and_what_it_runs()
    {
        var agent = new AgentTalk(_scratch).Greet();
        agent.Send(agent.Shell("trap '' TERM; echo $$ > pid; while :; do sleep 1; done"));
        var file = Path.Combine(agent.Attempt, "pid");
        SpinWait.SpinUntil(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'), TimeSpan.FromSeconds(10)).ShouldBeTrue();
        Posix.Kill(agent.Pid, Posix.SigTerm);
        agent.End().ShouldBe(122);
        Directory.Exists($"/proc/{File.ReadAllText(file).Trim()}").ShouldBeFalse();
    }

    [Fact]
    public void Ten_thousand_runs_leave_the_agent_small()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var run = agent.Command("/bin/true");
        agent.Run(run);
        agent.Resident().ShouldBeLessThan(20 << 20);
        for (var i = 0; i < 10_000; i++) agent.Run(run).Exit.ShouldBe(0);
        agent.Resident().ShouldBeLessThan(30 << 20);
    }
}
