using Yunpipe.Documents;
using static Yunpipe.Documents.SchemaNode;

namespace Yunpipe.Algorithms;

/// <summary>The JSON Schema of an algorithm document, written to schema/algorithm.schema.json. The schema of workflows uses the same pieces.</summary>
public static class AlgorithmSchema
{
    public const string NamePattern = "^[A-Za-z][A-Za-z0-9_-]{0,63}$";
    public const string TitlePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

    public static string ToJson() => DocumentWriter.ToJson(ToNode(), indented: true);

    public static MapNode ToNode()
    {
        var algorithm = Map("An algorithm of Yunpipe: the command, what goes in, what comes out.", ["name", "command"],
            ("$schema", Words("Where editors find this schema; means nothing to a run.")),
            ("name", Words("What it is called.", TitlePattern)),
            ("version", Words("The version of the algorithm, for people.")),
            ("description", Words("What it does, in a sentence.")),
            ("image", Words("The container image. Without one, only the process launcher can run it.")),
            ("command", AnyOf("The arguments: a list, or one line that is split as a shell would, without a shell. ${name} inserts.",
                Words(null), Of(("type", NodeBuilder.Text("array")), ("items", Words(null)), ("minItems", NodeBuilder.Plain("1"))))),
            ("inputs", AnyOf("What comes in.", Words(null, NamePattern), List(null, Words(null, NamePattern)), Named(null, NamePattern, Ref("input")), Nothing)),
            ("outputs", AnyOf("What goes out. A single path makes one output called image.", Words(null), Named(null, NamePattern, AnyOf(null, Words(null), Ref("output"))), Nothing)),
            ("variables", AnyOf("What can be set from outside.", Named(null, NamePattern, AnyOf(null, Ref("variable"), Nothing)), Nothing)),
            ("rules", OneOrMany("Rules between variables.", Ref("rule"))),
            ("resources", Ref("resources")),
            ("exitCodes", Named("What the program means by its exit codes, 1 to 255.", "^0*([1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$", Ref("exitCode"))),
            ("environment", Named("Extra environment; values may insert ${variables}.", "^(?!YUNPIPE_)[A-Za-z_][A-Za-z0-9_]*$", AnyOf(null, Words(null), Nothing))),
            ("workdir", Words("Where the process starts: ${out}, ${tmp} or an absolute place inside the container.", "^(\\$\\{?(out|tmp)\\}?|/.*)$")),
            ("stdin", Words("The file that the process reads as standard input: ${image}.")),
            ("stdout", Words("The file, relative to ${out}, that takes standard output.")),
            ("stderr", Words("The file, relative to ${out}, that takes the error output.")),
            ("configs", Named("Files that are written for each job before it starts.", NamePattern, Ref("config"))),
            ("isolation", Enum("worker: jobs follow each other in one container, each in its own process and folder. job: a fresh container each.", AlgorithmWords.Isolations.Select(entry => entry.Word))),
            ("network", Flag("Whether it may reach the network.")),
            ("files", OneOrMany("Further files that a script on this machine consists of, relative to this file.", Words(null))),
            ("retry", Ref("retry")),
            ("tests", OneOrMany("Sample invocations.", Ref("test"))));
        var head = Of(("$schema", NodeBuilder.Text(Dialect)), ("title", NodeBuilder.Text("Yunpipe algorithm")));
        return new MapNode([.. head.Entries, .. algorithm.Entries, new MapEntry("$defs", default, Definitions())], default);
    }

    /// <summary>The pieces by name, for <c>$defs</c> of this schema and of the one for workflows.</summary>
    public static MapNode Definitions() => Of(
        ("input", Input()), ("output", Output()), ("variable", Variable()), ("rule", Rule()), ("value", Value()), ("resources", Resources()),
        ("exitCode", ExitCode()), ("retry", Retry()), ("test", Test()), ("config", Config()));

    /// <summary>A value of a variable.</summary>
    public static MapNode Value() => AnyOf("A value, or a list of them.", Words(null), List(null, Words(null)));

    public static MapNode Resources() => Map("What it asks for.", [],
        ("cpu", Number("Processors, for example 2 or 0.5.", "0.01", "1024")),
        ("memory", AnyOf("One size, or what is needed and what is asked for first.", Size(null),
            Map(null, [], ("minimum", Size("Less than this and it fails.")), ("suggested", Size("What usually is enough."))))),
        ("gpu", Number("Graphics processors.", "0", "64", whole: true)),
        ("disk", Size("Room for inputs, outputs and temporary files.")),
        ("shm", Size("Shared memory, 64 MiB if not said.")),
        ("timeout", Duration("After this the job is stopped: 10 min.")),
        ("pids", Number("Processes and threads at once.", "1", "4194304", whole: true)),
        ("machines", OneOrMany("Types of EC2 machines that a deployment takes where Fargate does not serve, for example g5.xlarge.", Words(null, MachineName.Pattern))));

    public static MapNode Retry() => AnyOf("How often a failed job is tried.", Number("All tries together, the first included.", "1", "100", whole: true), Map(null, [],
        ("attempts", Number("All tries together, the first included.", "1", "100", whole: true)),
        ("backoff", Duration("The wait before the second try; it doubles.")),
        ("memoryGrowth", Number("After running out of memory, the next try gets this many times more.", "1", "16"))));

    private static MapNode Input() => AnyOf(null,
        Map("An input.", [],
            ("accepts", OneOrMany("Globs on the file name, for example *.tif.", Words(null))),
            ("list", Flag("Takes a gathered group as a list.")),
            ("path", Words("A fixed absolute place inside the container.", "^/")),
            ("required", Flag("Whether it must be there; true if not said.")),
            ("kind", Enum("file, or directory for images such as OME-Zarr.", AlgorithmWords.Kinds.Select(entry => entry.Word))),
            ("flag", Words("What stands before the path in the command, and goes with it where an optional input is missing: --mask.")),
            ("separator", Words("Between flag and path; two arguments if not said.")),
            ("listSeparator", Words("Between the paths of a list in one argument; one argument each if not said.")),
            ("repeat", Flag("Every path of a list has the flag before it.")),
            ("extensions", OneOrMany("What ${name.stem} leaves off beside the usual extensions: .mnc.gz.", Words(null, "^\\..")))),
        OneOrMany("Globs on the file name.", Words(null)), Nothing);

    private static MapNode Output() => Map("An output.", ["path"],
        ("path", Words("Relative to ${out}, with * allowed; or absolute inside the container.")),
        ("required", Flag("Whether it must be there; true if not said.")),
        ("each", Flag("Each file becomes an item of its own.")),
        ("minimum", Size("A smaller file counts as missing.")),
        ("kind", Enum("file, or directory for images such as OME-Zarr.", AlgorithmWords.Kinds.Select(entry => entry.Word))));

    private static MapNode Variable() => Map("A variable.", [],
        ("type", Enum("string if not said; enum if values are listed.", AlgorithmWords.Types.Select(entry => entry.Word))),
        ("of", Enum("What a list holds.", AlgorithmWords.MemberTypes.Select(entry => entry.Word))),
        ("default", AnyOf("The value where none is given.", Ref("value"), Nothing)),
        ("required", Flag("Whether a value must be given.")),
        ("minimum", Number("The least number.")),
        ("maximum", Number("The greatest number.")),
        ("above", Number("A number that the value must be above.")),
        ("below", Number("A number that the value must be below.")),
        ("minItems", Number("The least members of a list.", "0", "10000", whole: true)),
        ("maxItems", Number("The most members of a list.", "1", "10000", whole: true)),
        ("pattern", Words("A regular expression that the whole text must match.")),
        ("values", OneOrMany("The words of an enum.", Words(null))),
        ("help", Words("What it does, with its unit.")),
        ("flag", Words("What stands before the value in the command: --sigma.")),
        ("separator", Words("Between flag and value; two arguments if not said.")),
        ("listSeparator", Words("Between members in one argument; one argument each if not said.")),
        ("repeat", Flag("Every member of a list has the flag before it.")));

    private static MapNode Config() => Map("A file that a job finds when it starts.", ["path", "lines"],
        ("path", Words("What it is called, relative to the working directory where that is ${out}, else to ${tmp}.")),
        ("lines", OneOrMany("Its lines; one that inserts something without a value is left out.", AnyOf(null, Words(null), Nothing))));

    private static MapNode Rule()
    {
        var names = Of(("type", NodeBuilder.Text("array")), ("items", Words(null)), ("minItems", NodeBuilder.Plain("2")));
        return AnyOf("A rule between variables.", [.. AlgorithmWords.Rules.Select(rule => Map(null, [rule.Word], (rule.Word, names)))]);
    }

    private static MapNode ExitCode() => AnyOf(null, Words("The sentence of a permanent failure."), Map("What an exit code means.", [],
        ("kind", Enum("permanent: trying again is useless. transient: it may help. success: the code is not a failure.", AlgorithmWords.ExitKinds.Select(entry => entry.Word))),
        ("says", Words("The sentence that people see."))));

    private static MapNode Test() => Map("A sample invocation.", [],
        ("name", Words("What it is called.")),
        ("inputs", Named("Files by input, relative to this file.", null, OneOrMany(null, Words(null)))),
        ("variables", Named("Values by variable.", null, AnyOf(null, Ref("value"), Nothing))),
        ("exitCode", Number("The expected exit code; 0 if not said.", "0", "255", whole: true)),
        ("outputs", Named("By output: sha256:… of its bytes, or present.", null, Of(("type", NodeBuilder.Text("string")), ("pattern", NodeBuilder.Text("^(present|sha256:[0-9a-f]{64})$"))))));
}
