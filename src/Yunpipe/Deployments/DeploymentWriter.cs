using System.Text.Json;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Work;

namespace Yunpipe.Deployments;

/// <summary>Makes the parts of a deployment document out of what was read and found out.</summary>
public static class DeploymentWriter
{
    /// <summary>The workflow's document as it goes into a deployment, whatever it was written in.</summary>
    public static JsonElement Workflow(DocumentNode workflow) => Parse(DocumentWriter.ToJson(Renamed(workflow)));

    public static JsonElement Algorithm(Algorithm algorithm) => Parse(AlgorithmWriter.ToJson(algorithm));

    /// <param name="image">The image by digest, at the place from which tasks pull it.</param>
    /// <param name="references">Reference data: digest to the place to which it was uploaded.</param>
    public static DeployedStep Step(StepProgram step, string? image, string queue, IReadOnlyDictionary<string, string> references) => new()
    {
        Name = step.Name, Identity = step.Identity.ToString(), Program = step.Program.Identity, Image = image, Queue = queue,
        Variables = Values(step.Variables), References = references,
        Variants = step.Variants is [{ Meta.Count: 0, Values.Count: 0 }] ? []
            : [.. step.Variants.Select(variant => new DeployedVariant(Values(variant.Values), [.. variant.Meta.Select(axis => new DeployedAxis(axis.Key, axis.Value))]))],
        Cpu = step.Limits.Cpu, Memory = step.Limits.Memory, Gpu = step.Limits.Gpu, Pids = step.Limits.Pids, SharedMemory = step.Limits.SharedMemory,
    };

    /// <summary>A table lies beside the document, under one name.</summary>
    private static DocumentNode Renamed(DocumentNode workflow)
    {
        if (workflow is not MapNode map || map["input"] is not MapNode input || input["table"] is not ScalarNode { IsNull: false } table) return workflow;
        return Replaced(map, "input", Replaced(input, "table", table with { Text = DeployedWorkflow.TableName, IsQuoted = true }));
    }

    private static MapNode Replaced(MapNode map, string key, DocumentNode value) =>
        map with { Entries = [.. map.Entries.Select(entry => entry.Key == key ? entry with { Value = value } : entry)] };

    private static Dictionary<string, DeployedValue> Values(IReadOnlyDictionary<string, VariableValue> values) =>
        values.ToDictionary(entry => entry.Key, entry => new DeployedValue(entry.Value.Items, entry.Value.IsList));

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
