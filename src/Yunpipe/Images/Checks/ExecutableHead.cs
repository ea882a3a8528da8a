using System.Buffers.Binary;
using System.Text;

namespace Yunpipe.Images.Checks;

/// <summary>What the first bytes of a program say of it (elf(5), execve(2)).</summary>
/// <param name="Machine">Processor of an ELF program as images name it; null for a script and for what is neither.</param>
/// <param name="Interpreter">The interpreter of a script, the loader of a program that is linked dynamically; null where it needs none.</param>
internal sealed record ExecutableHead(bool IsScript, string? Machine, string? Interpreter)
{
    /// <summary>So much is looked at: some linkers put the loader's name at the end of the first page.</summary>
    public const int Length = 4352;

    private const ushort Interp = 3;

    /// <summary>Null for what the kernel would not run.</summary>
    public static ExecutableHead? Read(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("#!"u8)) return Script(head[2..]);
        if (head.Length < 64 || !head.StartsWith("\u007fELF"u8)) return null;
        var (wide, little) = (head[4] == 2, head[5] == 1);
        var machine = Number(head, 18, 2, little) switch { 62 => "amd64", 183 => "arm64", 3 => "386", 40 => "arm", 243 => "riscv64", 21 => "ppc64le", 22 => "s390x", var other => $"machine {other}" };
        var at = Number(head, wide ? 32 : 28, wide ? 8 : 4, little);
        var (size, count) = ((long)Number(head, wide ? 54 : 42, 2, little), (long)Number(head, wide ? 56 : 44, 2, little));
        for (var i = 0L; i < count; i++)
        {
            var entry = (long)at + i * size;
            if (entry < 0 || entry + (wide ? 56 : 32) > head.Length) break;
            if (Number(head, (int)entry, 4, little) != Interp) continue;
            var from = Number(head, (int)entry + (wide ? 8 : 4), wide ? 8 : 4, little);
            var length = Number(head, (int)entry + (wide ? 32 : 16), wide ? 8 : 4, little);
            return from + length <= (ulong)head.Length && length is > 1 and < 1024
                ? new ExecutableHead(false, machine, Encoding.UTF8.GetString(head.Slice((int)from, (int)length - 1))) : new ExecutableHead(false, machine, null);
        }
        return new ExecutableHead(false, machine, null);
    }

    /// <summary>With <c>#!/usr/bin/env python3</c> the interpreter is env, which looks python3 up in its turn.</summary>
    private static ExecutableHead Script(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)'\n');
        var words = Encoding.UTF8.GetString(line[..(end < 0 ? Math.Min(line.Length, 255) : end)]).Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return new ExecutableHead(true, null, null);
        var program = words[0].EndsWith("/env", StringComparison.Ordinal) ? words.Skip(1).FirstOrDefault(word => !word.StartsWith('-') && !word.Contains('=')) : null;
        return new ExecutableHead(true, null, words[0]) { Program = program, HasReturn = end > 0 && line[end - 1] == '\r' };
    }

    /// <summary>What a script's env looks for in PATH.</summary>
    public string? Program { get; init; }

    /// <summary>Lines end as Windows ends them: the kernel then looks for an interpreter whose name ends in a carriage return.</summary>
    public bool HasReturn { get; init; }

    private static ulong Number(ReadOnlySpan<byte> bytes, int at, int size, bool little) => (size, little) switch
    {
        (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]),
        (2, false) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]),
        (4, true) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]),
        (4, false) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]),
        (_, true) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]),
        _ => BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]),
    };
}
