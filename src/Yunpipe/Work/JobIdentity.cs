using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Images;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>Computes identities (docs/spec/identity.md). Every field is written with its length, so that no two different records have the same bytes.</summary>
public static class JobIdentity
{
    /// <summary>Identity of what computes: the program, the command template, declared outputs and environment; never prose, resources or the agent.</summary>
    /// <param name="program">The image's layers and configuration, or the digest of the executable.</param>
    /// <param name="files">Path and digest of what else the algorithm consists of.</param>
    public static Digest OfAlgorithm(Algorithm algorithm, string program, IEnumerable<KeyValuePair<string, Digest>> files)
    {
        var canonical = new Canonical("algorithm/1");
        canonical.Add(program);
        canonical.Add(algorithm.Command.Tokens.Count);
        foreach (var token in algorithm.Command.Tokens) canonical.Add(token.Source);
        foreach (var input in algorithm.Inputs) canonical.Add($"in {input.Name} {input.Path} {input.List} {input.Flag}{Form(input.Separator, input.ListSeparator, input.Repeat)}");
        foreach (var output in algorithm.Outputs) canonical.Add($"out {output.Name} {output.Path} {output.Required} {output.Each} {output.Directory}");
        foreach (var (name, value) in algorithm.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal)) canonical.Add($"env {name}={value}");
        foreach (var variable in algorithm.Variables) canonical.Add($"var {variable.Name} {variable.Type} {variable.Flag} {variable.Separator} {variable.ListSeparator}{(variable.Repeat ? " repeat" : "")}");
        AddProcess(canonical, algorithm);
        foreach (var (path, digest) in files.OrderBy(pair => pair.Key, StringComparer.Ordinal)) canonical.Add($"file {path} {digest}");
        return Digest.FromHash(canonical.Hash());
    }

    /// <summary>What most algorithms do not have adds nothing, so that what was done before it existed stays done.</summary>
    private static void AddProcess(Canonical canonical, Algorithm algorithm)
    {
        foreach (var (what, template) in ((string, Template?)[])[("workdir", algorithm.Workdir), ("stdin", algorithm.Stdin), ("stdout", algorithm.Stdout), ("stderr", algorithm.Stderr)])
            if (template is not null) canonical.Add($"{what} {template}");
        foreach (var input in algorithm.Inputs.Where(input => input.Extensions.Count > 0)) canonical.Add($"extensions {input.Name} {string.Join(' ', input.Extensions)}");
        foreach (var config in algorithm.Configs)
        {
            canonical.Add($"config {config.Name} {config.Path}");
            canonical.Add(config.Lines.Count);
            foreach (var line in config.Lines) canonical.Add(line.Source);
        }
    }

    private static string Form(string? separator, string? listSeparator, bool repeat) =>
        separator is null && listSeparator is null && !repeat ? "" : $" {separator} {listSeparator} {repeat}";

    /// <summary>The job's id: what computes, with which values, over which versions of which inputs.</summary>
    public static JobId OfJob(string step, Digest algorithm, IReadOnlyDictionary<string, VariableValue> variables, IReadOnlyList<JobInput> inputs)
    {
        var canonical = Start("job/1", step, algorithm, variables);
        foreach (var input in inputs)
        {
            canonical.Add(input.Port);
            canonical.Add(input.Members.Count);
            foreach (var member in input.Members)
            {
                canonical.Add(member.Key);
                canonical.Add(member.Part.File.Version);
                foreach (var sidecar in member.Part.Sidecars)
                {
                    canonical.Add(sidecar.Name);
                    canonical.Add(sidecar.Version);
                }
            }
        }
        return JobId.FromHash(canonical.Hash());
    }

    /// <summary>As the job's id, with the content's digest in the place of every version: equal bytes under the same key are the same work.</summary>
    public static string OfContent(string step, Digest algorithm, IReadOnlyDictionary<string, VariableValue> variables, IEnumerable<ManifestInput> inputs)
    {
        var canonical = Start("content/1", step, algorithm, variables);
        foreach (var input in inputs)
        {
            canonical.Add(input.Name);
            canonical.Add(input.Key);
            canonical.Add(input.Digest ?? input.Version);
        }
        return JobId.FromHash(canonical.Hash()).ToString();
    }

    private static Canonical Start(string kind, string step, Digest algorithm, IReadOnlyDictionary<string, VariableValue> variables)
    {
        var canonical = new Canonical(kind);
        canonical.Add(step);
        canonical.Add(algorithm.Hex);
        canonical.Add(variables.Count);
        foreach (var (name, value) in variables.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            canonical.Add(name);
            canonical.Add(value.IsList ? value.Items.Count : -1);
            foreach (var item in value.Items) canonical.Add(item);
        }
        return canonical;
    }

    private sealed class Canonical
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(256);

        public Canonical(string kind) => Add(kind);

        public void Add(int number)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), number);
            _bytes.Advance(4);
        }

        public void Add(string text)
        {
            Add(Encoding.UTF8.GetByteCount(text));
            Encoding.UTF8.GetBytes(text, _bytes);
        }

        public byte[] Hash() => System.Security.Cryptography.SHA256.HashData(_bytes.WrittenSpan);
    }
}
