using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms;

/// <summary>What another validator says about the schema is in tests/schema.</summary>
public class AlgorithmSchemaTests
{
    [Fact]
    public void The_schema_in_the_repository_is_the_one_that_the_code_makes() => Golden.CheckFile("schema/algorithm.schema.json", AlgorithmSchema.ToJson());

    [Fact]
    public void The_document_with_every_key_is_there_for_other_validators() => Golden.Check("Algorithms/rich.yaml", AlgorithmTexts.Rich);

    [Theory]
    [InlineData("{0}: ", "")]
    [InlineData("resources: {{{0}: }}", "resources")]
    [InlineData("retry: {{{0}: }}", "retry")]
    [InlineData("inputs: {{x: {{{0}: }}}}", "input")]
    [InlineData("outputs: {{x: {{{0}: }}}}", "output")]
    [InlineData("variables: {{x: {{{0}: }}}}", "variable")]
    [InlineData("exitCodes: {{5: {{{0}: }}}}", "exitCode")]
    [InlineData("tests: [{{{0}: }}]", "test")]
    [InlineData("rules: [{{{0}: }}]", "rule")]
    public void The_reader_knows_every_key_of_the_schema(string document, string definition)
    {
        var schema = AlgorithmSchema.ToNode();
        var node = definition.Length == 0 ? schema : ((MapNode)schema["$defs"]!)[definition]!;
        var keys = Keys(node).ToList();
        keys.ShouldNotBeEmpty();
        foreach (var key in keys)
        {
            var problems = AlgorithmReader.Read(string.Format(System.Globalization.CultureInfo.InvariantCulture, document, key), "a.yaml", "").Problems;
            problems.ShouldNotContain(problem => problem.Code == DocumentCodes.UnknownKey, key);
        }
        AlgorithmReader.Read(string.Format(System.Globalization.CultureInfo.InvariantCulture, document, "nonsense"), "a.yaml", "").Problems.ShouldContain(problem => problem.Code == DocumentCodes.UnknownKey);
    }

    /// <summary>The keys of the piece itself and of its alternatives, not of what lies deeper.</summary>
    private static IEnumerable<string> Keys(DocumentNode schema) => schema is not MapNode map ? [] :
        ((map["properties"] as MapNode)?.Entries.Select(entry => entry.Key) ?? []).Concat(((map["anyOf"] as ListNode)?.Items ?? []).SelectMany(Keys));
}
