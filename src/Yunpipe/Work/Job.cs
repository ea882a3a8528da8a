using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>One item at one step: all that a worker needs beside the plan.</summary>
public sealed record Job
{
    public required JobId Id { get; init; }
    public required string Step { get; init; }

    /// <summary>Key of the item that the job makes.</summary>
    public required string Key { get; init; }
    public required string Origin { get; init; }
    public required IReadOnlyDictionary<string, string> Meta { get; init; }
    public required IReadOnlyDictionary<string, VariableValue> Variables { get; init; }
    public required IReadOnlyList<JobInput> Inputs { get; init; }

    /// <summary>Members that a gather goes on without.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Memory in bytes that a retry asks for beyond the algorithm's own; 0 for none. Not part of the identity.</summary>
    public long Memory { get; init; }

    /// <summary>True where it was done before and its outputs, released since, are needed again. Its manifest stays.</summary>
    public bool Again { get; init; }

    /// <summary>When its newest input came, as milliseconds since 1970; 0 where nobody says. Of two jobs of an item the one that came later is shown.</summary>
    public long Order { get; init; }

    /// <summary>True after a batch that it was in has failed.</summary>
    public bool Alone { get; init; }

    /// <summary>True after it found the disk full: perhaps another job's doing, so that it is tried once more when nothing else runs.</summary>
    public bool NeedsRoom { get; init; }
}

/// <summary>What comes in at one port: one member, or many where a group is gathered.</summary>
public sealed record JobInput(string Port, IReadOnlyList<InputMember> Members);

/// <summary>A file with its sidecars, under the key and with the metadata of the item that it is part of.</summary>
public sealed record InputMember(string Key, Part Part, IReadOnlyDictionary<string, string> Meta);
