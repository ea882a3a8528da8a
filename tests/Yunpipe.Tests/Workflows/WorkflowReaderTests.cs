using CsCheck;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Workflows;

public sealed class WorkflowReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("yunpipe-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Written(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    [Theory]
    [InlineData("kind: directory, closed: \"${path}/done.txt\"", "")]
    [InlineData("kind: directory, closed: \"${path}.done\", count: 12, quiet: 10 min", "")]
    [InlineData("kind: directory, closed: done.txt", "The file “done.txt” does not say which image it closes.")]
    [InlineData("kind: directory, closed: \"${path}\"", "The file “${path}” does not say which image it closes.")]
    [InlineData("closed: \"${path}.done\"", "“closed” says when an image of many files is whole, and these are single files.")]
    [InlineData("count: 3", "“count” says when an image of many files is whole, and these are single files.")]
    public void What_closes_an_image_is_read(string input, string problem) =>
        TestAlgorithms.Read($"{{input: {{{input}}}, steps: [blur]}}").Problems.Select(told => told.Message).ShouldBe(problem.Length == 0 ? [] : [problem]);

    [Fact]
    public void Everything_that_a_workflow_can_say_is_read()
    {
        var path = Written("screen.yaml", """
            name: screen.v2
            description: Nuclei of a screen
            tolerate: 5%
            input:
              location: s3://bucket/raw
              pattern: "{plate}/{well}_{ch}.tif"
              item: {key: "${plate}/${well}", parts: {dna: {ch: d0}, er: {ch: d1, required: false}}}
              ignore: ["thumbs/"]
              include: "*.tif"
              kind: file
              extensions: [ome.btf, .c01]
              sidecars: ["${stem}.json", {path: "/${plate}.xml", required: false}]
            steps:
              - algorithm: segment
                from: input.dna
                variables: {minArea: "${meta.well}", model: models/a.pt}
                resources: {cpu: 4, memory: 2 GiB}
                timeout: 5 min
                isolation: job
                retry: {attempts: 5, backoff: 3 s}
                image: lab/segment:9
                when: {plate: [P1, P2], glob: "P*/**"}
              - name: table
                algorithm: ./illum.yaml
                inputs: {sites: segment.qc}
                gather: {by: "${plate}", expect: {well: [A01, A02]}, missing: wait}
            output: {location: ./out, layout: "${step}/${plate}/${path}"}
            """);
        var workflow = WorkflowReader.Read(path, TestAlgorithms.Find).ShouldBeRead();
        workflow.Name.ShouldBe("screen.v2");
        workflow.Directory.ShouldBe(_folder.FullName);
        workflow.Tolerate.ShouldBe(new Tolerance(null, 0.05));
        workflow.Input.Location.ShouldBe("s3://bucket/raw");
        workflow.Input.Item!.Parts.Select(part => (part.Name, part.Required, part.Meta["ch"])).ShouldBe([("dna", true, "d0"), ("er", false, "d1")]);
        workflow.Input.Extensions.ShouldBe([".ome.btf", ".c01"]);
        workflow.Input.Sidecars.Select(sidecar => (sidecar.Path.Source, sidecar.Required)).ShouldBe([("${stem}.json", true), ("/${plate}.xml", false)]);
        var step = workflow.Steps[0];
        step.Name.ShouldBe("segment");
        step.Inputs["image"].ToString().ShouldBe("input.dna");
        step.VariableTemplates["minArea"].Source.ShouldBe("${meta.well}");
        step.Variables["model"].Text.ShouldBe(Path.Combine(_folder.FullName, "models/a.pt"));
        (step.Algorithm.Resources.Cpu, step.Algorithm.Resources.Timeout.TotalMinutes, step.Algorithm.Isolation.ToString()).ShouldBe((4, 5, "Job"));
        (step.Algorithm.Retry.Attempts, step.Algorithm.Image).ShouldBe((5, "lab/segment:9"));
        step.When!.Meta["plate"].ShouldBe(["P1", "P2"]);
        step.When.Globs.ShouldBe(["P*/**"]);
        var gather = workflow.Steps[1].Gather!;
        (gather.By!.Source, gather.Missing, gather.Count).ShouldBe(("${plate}", MissingPolicy.Wait, null));
        gather.Expect["well"].ShouldBe(["A01", "A02"]);
        Planner.Plan(workflow).ShouldBeRead();
    }

    [Fact]
    public void The_shortest_workflow_is_one_line()
    {
        var workflow = WorkflowReader.Read(Written("w.yaml", "steps: [blur]"), TestAlgorithms.Find).ShouldBeRead();
        (workflow.Name, workflow.Input.Location, workflow.Output.Location, workflow.Output.Layout.Source).ShouldBe(("w", null, null, "${step}/${path}"));
        WorkflowReader.Read(Written("w.json", """{"input": "./in", "steps": [{"algorithm": "blur"}], "output": "./out", "tolerate": 3}"""), TestAlgorithms.Find)
            .ShouldBeRead().Tolerate.ShouldBe(new Tolerance(3, null));
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once_each_at_its_place()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "rows.csv"), "file,dose\na.tif,1\n");
        var text = """
            name: a/b
            tolerate: some
            inputt: ./in
            input:
              pattern: "{plate}/{well}_{well}.tif"
              table: nowhere.csv
              kind: folder
              sidecars: ["../${stem}.json", "${stem}", {path: "${stem}.xml", needed: true}]
            steps:
              - {name: blur, algorithm: blurr}
              - {name: blur, algorithm: blur, variables: {sigma: high, sigm: 1}, matrix: {sigma: 3}, batch: 0, timeout: 5, from: [a, b]}
              - {name: seg, algorithm: segment, from: blur, inputs: {image: blur}, gather: {by: "plate", expect: {ch: []}, count: 2, mising: skip}, variables: {model: "${meta.x}"}}
              - {name: measure, algorithm: measure, from: seg, gather: "plate", when: {}, matrix: [1]}
              - {name: copy, algorithm: copy, inputs: {image: [a]}, isolation: jobs, retry: {times: 3}, resources: {cpus: 2}}
              - algorithm: ./9.yaml
              - 7: x
            output: {layout: "${step}/${path", folder: ./out}
            """;
        var problems = WorkflowReader.Read(Written("w.yaml", text), TestAlgorithms.Find).Problems;
        Golden.Check("workflows/reader-problems.txt", string.Join("\n", problems).Replace(_folder.FullName + "/", "", StringComparison.Ordinal));

        var inputs = new (string What, string Input)[]
        {
            ("no key", "{pattern: '{a}.tif', item: {parts: {x: {a: 1}}}}"),
            ("no parts", "{pattern: '{a}.tif', item: {key: '${a}'}}"),
            ("parts that nothing tells apart", "{pattern: '{a}.tif', item: {key: '${a}', parts: {x: {}, y: {a: 1}, z: {a: 1}, 'ä': {a: 2}, w: 3}}}"),
            ("parts in a list without a table", "{pattern: '{a}.tif', item: {key: '${a}', parts: [x, y]}}"),
            ("a key of what nobody catches", "{pattern: '{plate}/{well}.tif', item: {key: '${plat}/${well}', parts: {x: {chan: 1}}}}"),
            ("a key without a pattern", "{item: {key: '${plate}', parts: {x: {ch: 1}}}}"),
            ("a table without paths", "{table: rows.csv}"),
            ("a regular expression", "{pattern: '(?<a>x)(?=y)'}"),
        };
        var said = inputs.SelectMany(input => WorkflowReader.Read(Written("w.yaml", $"input: {input.Input}\nsteps: [copy]"), TestAlgorithms.Find).Problems
            .Select(problem => problem.ToString()).Prepend("# " + input.What));
        Golden.Check("workflows/input-problems.txt", string.Join("\n", said).Replace(_folder.FullName + "/", "", StringComparison.Ordinal));
    }

    [Fact]
    public void The_columns_of_a_table_are_metadata()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "rows.csv"), "path,Plate Name,dose\na.tif,P1,1\n");
        var path = Written("w.yaml", """{input: {location: ./in, table: rows.csv}, steps: [{name: all, algorithm: montage, gather: "${Plate_Name}/${dose}"}]}""");
        PlanReader.Read(path, TestAlgorithms.Find).ShouldBeRead().Workflow.Input.TableColumns.ShouldBe(["Plate_Name", "dose"]);
    }

    [Fact]
    public void Reading_and_planning_tell_their_problems_together()
    {
        var path = Written("w.yaml", "input: ./in\nstepz: 1\nsteps:\n  - {name: a, algorithm: blur, from: nowhere}\n");
        PlanReader.Read(path, TestAlgorithms.Find).Problems.Select(problem => problem.Code).ShouldBe(["YP1010", WorkflowCodes.UnknownStep]);
    }

    [Theory]
    [InlineData("blur.sigma=2.50", "2.5")]
    [InlineData("blur.sigma=1e1", "10")]
    public void A_setting_replaces_a_value_and_its_matrix(string setting, string expected)
    {
        var workflow = TestAlgorithms.Read("{input: ./in, steps: [{name: blur, algorithm: blur, matrix: {sigma: [1, 2]}}]}").ShouldBeRead();
        var plan = Planner.Plan(WorkflowSettings.Apply(workflow, [setting]).ShouldBeRead()).ShouldBeRead();
        plan.Steps[0].Values["sigma"].Text.ShouldBe(expected);
        plan.Steps[0].Variants.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("blur.sigma", "--set blur.sigma: YP1120: A setting names its step, its variable and a value. Write step.variable=value.")]
    [InlineData("sigma=2", "--set sigma=2: YP1120: A setting names its step, its variable and a value. Write step.variable=value, here blur.sigma=….")]
    [InlineData("blr.sigma=2", "--set blr.sigma=2: YP1103: There is no step “blr”. Did you mean “blur”?")]
    [InlineData("blur.sigm=2", "--set blur.sigm=2: YP1040: “sigm” is not a variable of “blur”. Did you mean “sigma”?")]
    [InlineData("blur.sigma=high", "--set blur.sigma=high: YP1042: “sigma” wants a number, and this is “high”.")]
    [InlineData("blur.sigma=99", "--set blur.sigma=99: YP1043: “sigma” is 99, and must be at most 50.")]
    public void A_wrong_setting_is_one_sentence(string setting, string expected) =>
        WorkflowSettings.Apply(TestAlgorithms.Read("{input: ./in, steps: [blur]}").ShouldBeRead(), [setting]).Problems.ShouldHaveSingleItem().ToString().ShouldBe(expected);

    [Fact]
    public void No_text_makes_the_reader_throw()
    {
        var word = Gen.OneOf("input", "steps", "name", "algorithm", "blur", "copy", "gather", "all", "when", "matrix", "sigma", "item", "parts", "key", "${x}", "{x}", "'${'", "[", "]", "{", "}", ":", ",", "\n", "- ", "  ", "1", "table", "pattern", "output", "layout", "from");
        word.Array[0, 40].Sample(words =>
        {
            var reading = TestAlgorithms.Read("steps: [blur]\n" + string.Join(" ", words));
            (reading.Ok || reading.Problems.Count > 0).ShouldBeTrue();
            if (reading.Ok) Planner.Plan(reading.Value!);
        }, iter: 3000);
    }
}
