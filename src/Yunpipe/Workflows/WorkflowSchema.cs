using Yunpipe.Algorithms;
using Yunpipe.Documents;
using static Yunpipe.Documents.SchemaNode;

namespace Yunpipe.Workflows;

/// <summary>The JSON Schema of a workflow document, written to schema/workflow.schema.json.</summary>
public static class WorkflowSchema
{
    private const string SourcePattern = "^[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z][A-Za-z0-9_-]*)?$";

    public static string ToJson() => DocumentWriter.ToJson(ToNode(), indented: true);

    public static MapNode ToNode()
    {
        var workflow = Map("A workflow of Yunpipe: where items come from, the steps, where results go.", ["steps"],
            ("$schema", Words("Where editors find this schema; means nothing to a run.")),
            ("name", Words("What it is called; the file's name if not said.", AlgorithmSchema.TitlePattern)),
            ("description", Words("What it is for, in a sentence.")),
            ("input", AnyOf("Where items come from: a folder, a bucket (s3://…), or more about it.", Words(null), Ref("input"), Nothing)),
            ("steps", Of(("description", NodeBuilder.Text("What is done to them.")), ("type", NodeBuilder.Text("array")), ("items", AnyOf(null, Words("An algorithm and nothing more."), Ref("step"))),
                ("minItems", NodeBuilder.Plain("1")))),
            ("output", AnyOf("Where results go.", Words(null), Ref("output"), Nothing)),
            ("tolerate", AnyOf("How many set-aside items the run bears before it starts no more jobs: a count, or a share such as 5%.", Number(null, "0", whole: true), Words(null, "^[0-9]+(\\.[0-9]+)?\\s*%$"), Nothing)));
        var head = Of(("$schema", NodeBuilder.Text(Dialect)), ("title", NodeBuilder.Text("Yunpipe workflow")));
        return new MapNode([.. head.Entries, .. workflow.Entries, new MapEntry("$defs", default, Definitions())], default);
    }

    private static MapNode Definitions() => Of(
        ("input", Input()), ("item", Item()), ("sidecar", Sidecar()), ("output", Output()), ("step", Step()), ("gather", Gather()), ("when", When()),
        ("value", AlgorithmSchema.Value()), ("resources", AlgorithmSchema.Resources()), ("retry", AlgorithmSchema.Retry()));

    private static MapNode Input() => Map("Where items come from, and how names become items.", [],
        ("location", Words("A folder relative to this file, or s3://….")),
        ("pattern", Words("A path template with {catches}, or a regular expression with named groups.")),
        ("table", Words("A CSV with a column path, or one for each part, and metadata columns; relative to this file.")),
        ("item", Ref("item")),
        ("ignore", OneOrMany("Globs of files to leave out.", Words(null))),
        ("include", OneOrMany("Globs of which a file must match one.", Words(null))),
        ("kind", Enum("file, or directory for images such as OME-Zarr.", AlgorithmWords.Kinds.Select(entry => entry.Word))),
        ("closed", Words("In a deployment, for directories: the file whose upload says that an image is whole: ${path}/done.txt. Its lines may name files of the image.")),
        ("count", Number("In a deployment, for directories: the number of files of a whole image.", "1", whole: true)),
        ("quiet", Duration("In a deployment, for directories: how long an image must be left alone before it counts as whole: 10 min.")),
        ("extensions", OneOrMany("Further double extensions that count as one, for example .ome.btf.", Words(null))),
        ("sidecars", OneOrMany("Companion files that go along, by template.", Ref("sidecar"))));

    private static MapNode Item() => Map("How files are grouped into items of several parts.", ["parts"],
        ("key", Words("What the files of one item share: ${plate}/${well}.")),
        ("parts", AnyOf("The parts, and what tells their files apart; or only names, where a table has a column for each.",
            Named(null, AlgorithmSchema.NamePattern, AnyOf(null, Named("Metadata and its value; required: false for a part that may be absent.", null, Words(null)), Nothing)),
            OneOrMany(null, Words(null, AlgorithmSchema.NamePattern)))));

    private static MapNode Sidecar() => AnyOf(null,
        Words("A template relative to the file's folder: ${stem}.json. A slash in front means the input's own folder."),
        Map("A companion file.", ["path"], ("path", Words("A template relative to the file's folder.")), ("required", Flag("Whether every file has one; true if not said."))));

    private static MapNode Output() => Map("Where results go.", [],
        ("location", Words("A folder relative to this file, or s3://….")),
        ("layout", Words("The path of a result in the readable tree; ${step}/${path} if not said.")));

    private static MapNode Step() => Map("A step.", ["algorithm"],
        ("name", Words("What it is called; the algorithm's name if not said.", AlgorithmSchema.NamePattern)),
        ("algorithm", Words("A tool of the toolbox, a file, or an image.")),
        ("from", Words("The source of the only input.", SourcePattern)),
        ("inputs", Named("The source of each input: input, input.part, step or step.output.", AlgorithmSchema.NamePattern, Words(null, SourcePattern))),
        ("variables", Named("Values of the algorithm's variables; ${plate} inserts metadata.", AlgorithmSchema.NamePattern, Ref("value"))),
        ("gather", Ref("gather")),
        ("matrix", Named("Variables and their values: the step is run with each combination.", AlgorithmSchema.NamePattern,
            Of(("type", NodeBuilder.Text("array")), ("items", Ref("value")), ("minItems", NodeBuilder.Plain("1"))))),
        ("when", Ref("when")),
        ("batch", Number("Up to so many items go to one process.", "1", "10000", whole: true)),
        ("resources", Ref("resources")),
        ("timeout", Duration("After this a job is stopped: 10 min.")),
        ("isolation", Enum("worker: jobs follow each other in one container. job: a fresh container each.", AlgorithmWords.Isolations.Select(entry => entry.Word))),
        ("retry", Ref("retry")),
        ("image", Words("Another image for the same algorithm.")));

    private static MapNode Gather() => AnyOf("Many items become one.",
        Words("all, or the key of the group: ${plate}."),
        Map(null, [],
            ("by", Words("The key of the group: ${plate}; all of them if not said.")),
            ("expect", Named("Metadata of which a whole group has all these values.", null, OneOrMany(null, Words(null)))),
            ("count", Number("The number of members of a whole group.", "1", whole: true)),
            ("missing", Enum("When members are missing: fail sets the group aside, skip goes on without them, wait waits for them.", ["fail", "skip", "wait"])),
            ("closed", Words("In a deployment: the file of the input whose upload says that a group is whole: ${plate}/done.txt. Its lines may name the members.")),
            ("quiet", Duration("In a deployment: how long a group must be left alone before it counts as whole: 10 min."))));

    private static MapNode When() => AnyOf("Which items the step takes.",
        OneOrMany("Globs on the key.", Words(null)),
        Named("Metadata and the values to take; glob stands for globs on the key.", null, OneOrMany(null, Words(null))));
}
