using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Workflows;

/// <summary>What another validator says about the schema is in tests/schema.</summary>
public sealed class WorkflowSchemaTests
{
    [Fact]
    public void The_schema_in_the_repository_is_the_one_that_the_code_makes() => Golden.CheckFile("schema/workflow.schema.json", WorkflowSchema.ToJson());

    [Fact]
    public void The_document_with_every_key_is_there_for_other_validators()
    {
        TestAlgorithms.Planned(WorkflowTexts.Rich);
        Golden.Check("workflows/rich.yaml", WorkflowTexts.Rich);
    }

    [Theory]
    [InlineData("{0}: ", "")]
    [InlineData("input: {{{0}: }}", "input")]
    [InlineData("input: {{item: {{{0}: }}}}", "item")]
    [InlineData("input: {{sidecars: [{{{0}: }}]}}", "sidecar")]
    [InlineData("output: {{{0}: }}", "output")]
    [InlineData("steps: [{{algorithm: blur, {0}: }}]", "step")]
    [InlineData("steps: [{{algorithm: blur, gather: {{{0}: }}}}]", "gather")]
    [InlineData("steps: [{{algorithm: blur, resources: {{{0}: }}}}]", "resources")]
    [InlineData("steps: [{{algorithm: blur, retry: {{{0}: }}}}]", "retry")]
    public void The_reader_knows_every_key_of_the_schema_and_no_other(string document, string definition)
    {
        var schema = WorkflowSchema.ToNode();
        var node = definition.Length == 0 ? schema : ((MapNode)schema["$defs"]!)[definition]!;
        var keys = Keys(node).ToList();
        keys.ShouldNotBeEmpty();
        IEnumerable<string> Problems(string key) => TestAlgorithms.Read(string.Format(System.Globalization.CultureInfo.InvariantCulture, document, key)).Problems.Select(problem => problem.Code);
        foreach (var key in keys.Where(key => definition != "step" || key != "algorithm")) Problems(key).ShouldNotContain(DocumentCodes.UnknownKey, key);
        Problems("nonsense").ShouldContain(DocumentCodes.UnknownKey);
        var advice = TestAlgorithms.Read(string.Format(System.Globalization.CultureInfo.InvariantCulture, document, "qqqqqqqq")).Problems.First(problem => problem.Code == DocumentCodes.UnknownKey).Advice!;
        foreach (var known in advice.Split('“').Skip(1).Select(part => part.Split('”')[0])) keys.ShouldContain(known);
    }

    /// <summary>The keys of the piece itself and of its alternatives, not of what lies deeper.</summary>
    private static IEnumerable<string> Keys(DocumentNode schema) => schema is not MapNode map ? [] :
        ((map["properties"] as MapNode)?.Entries.Select(entry => entry.Key) ?? []).Concat(((map["anyOf"] as ListNode)?.Items ?? []).SelectMany(Keys));
}
