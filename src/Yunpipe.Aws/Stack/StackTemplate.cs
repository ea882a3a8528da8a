using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>The CloudFormation template of a deployment: everything that it needs, tagged, and nothing that costs while nothing runs but alarms and a dashboard.</summary>
public static class StackTemplate
{
    /// <summary>Bytes of a template that CloudFormation takes without a staging bucket.</summary>
    public const int MostInline = 51_200;

    /// <summary>The template as indented JSON: the same specification is always the same bytes.</summary>
    public static byte[] Of(StackSpec spec)
    {
        var parts = new StackParts(spec);
        Buckets.Add(parts);
        Queues.Add(parts);
        Rules.Add(parts);
        Dispatcher.Add(parts);
        Network.Add(parts);
        MachineGroups.Add(parts);
        Cluster.Add(parts);
        Tasks.Add(parts);
        Watch.Add(parts);
        var template = new JsonObject
        {
            ["AWSTemplateFormatVersion"] = "2010-09-09", ["Description"] = $"Yunpipe deployment {spec.Name}: upload an image, the result appears",
            ["Metadata"] = new JsonObject { ["Yunpipe"] = new JsonObject { ["Deployment"] = spec.Name, ["Version"] = spec.Version } },
            ["Resources"] = parts.Resources, ["Outputs"] = parts.Outputs,
        };
        var bytes = new ArrayBufferWriter<byte>(64 << 10);
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) template.WriteTo(writer);
        return [.. bytes.WrittenSpan, (byte)'\n'];
    }
}
