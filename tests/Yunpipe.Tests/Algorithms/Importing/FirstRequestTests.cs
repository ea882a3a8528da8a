using Yunpipe.Algorithms.Importing;
using Yunpipe.Algorithms.Importing.First;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms.Importing;

public sealed class FirstRequestTests
{
    private static Import<ImportedWorkflow> Import(string text) => FirstRequest.Import(DocumentReader.Read(text, "request.json", lenient: true), "request.json");

    private static string Request(string type, string algorithms) => $$"""
        {"input_s3_name": "in", "output_s3_name": "out", "process": {"type": "{{type}}", /* a comment */ "algorithms": [{{algorithms}},] } }
        """;

    [Fact]
    public void The_example_of_the_first_yunpipe_becomes_a_workflow()
    {
        var import = FirstRequest.Import(DocumentReader.ReadFile(Path.Combine(ImportTests.Folder, "first/user_request.json"), "user_request.json", lenient: true), "user_request.json");
        Golden.Check("Importing/first/user_request.json.txt", string.Join('\n', import.Told) + "\n\n" + import.Value.ShouldNotBeNull().Text);
        import.Value.Algorithms.ShouldBe(["./change123-s3.yaml"]);
    }

    [Fact]
    public void A_sequence_becomes_steps_in_a_row_each_with_a_name_of_its_own()
    {
        var import = Import(Request("sequence_run", "{\"name\": \"my tool.v2\", \"variables\": {\"image\": \"x\", \"N\": 3}}, {\"name\": \"input\", \"port\": [{\"port\": 1}]}, {\"name\": \"my tool.v2\", \"variables\": {}}"));
        import.Value.ShouldNotBeNull().Text.ShouldBe("""
            name: request
            input: "s3://in"
            steps:
              -
                name: my-tool-v2
                algorithm: ./my-tool.v2.yaml
                variables: {image_2: x, "N": 3}
              - {name: input-step, algorithm: ./input.yaml}
              - {name: my-tool-v2_2, algorithm: ./my-tool.v2.yaml}
            output: "s3://out"

            """.ReplaceLineEndings("\n"));
        import.Lost.ShouldBeTrue();
    }

    [Theory]
    [InlineData("{\"name\": \"x\"}", "YP1300")]
    [InlineData("{\"process\": {\"type\": \"parallel_run\", \"algorithms\": [{\"name\": \"a\"}]}, \"input_s3_name\": \"i\", \"output_s3_name\": \"o\"}", "YP1304")]
    [InlineData("{\"process\": {\"type\": \"single_run\", \"algorithms\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}, \"input_s3_name\": \"i\", \"output_s3_name\": \"o\"}", "YP1304")]
    [InlineData("{\"process\": {\"type\": \"single_run\", \"algorithms\": []}, \"input_s3_name\": \"i\", \"output_s3_name\": \"o\"}", "YP1304")]
    [InlineData("{\"process\": 3}", "YP1304")]
    public void What_is_no_request_is_refused(string text, string code)
    {
        var import = Import(text);
        import.Value.ShouldBeNull();
        import.Problems.Select(problem => problem.Code).Distinct().ShouldBe([code]);
    }
}
