using System.Text.Json.Serialization;

namespace Yunpipe.Cli.Commands;

/// <summary>Documents of the verbs that look at things and mend them; names in camelCase, what is null left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ItemsDocument))]
[JsonSerializable(typeof(PlanDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(FailuresDocument))]
[JsonSerializable(typeof(LogDocument))]
[JsonSerializable(typeof(CleanDocument))]
[JsonSerializable(typeof(DebugDocument))]
[JsonSerializable(typeof(StoreCopyDocument))]
[JsonSerializable(typeof(Deploying.DeployDocument))]
[JsonSerializable(typeof(DestroyedDocument))]
[JsonSerializable(typeof(Deploying.DoctorDocument))]
[JsonSerializable(typeof(GraphDocument))]
[JsonSerializable(typeof(ValidationDocument))]
[JsonSerializable(typeof(AlgorithmsDocument))]
[JsonSerializable(typeof(PreviewDocument))]
[JsonSerializable(typeof(ImportsDocument))]
[JsonSerializable(typeof(NewAlgorithmDocument))]
[JsonSerializable(typeof(ImportedWorkflowDocument))]
[JsonSerializable(typeof(AlgorithmTestsDocument))]
[JsonSerializable(typeof(WrapDocument))]
[JsonSerializable(typeof(UnwrapDocument))]
[JsonSerializable(typeof(OnceDocument))]
[JsonSerializable(typeof(QuestionDocument))]
[JsonSerializable(typeof(DescribedDocument))]
internal sealed partial class VerbsJson : JsonSerializerContext;
