using System.Text;

namespace Yunpipe.Cli.Console.Form;

internal enum KeyKind { Text, Enter, Up, Down, Left, Right, Home, End, Delete, Backspace, Tab, BackTab, Clear, ClearWord, Document, Interrupt, Other }

/// <summary>A key that was pressed; several letters at once where text was pasted.</summary>
internal readonly record struct Key(KeyKind Kind, string Text = "");

/// <summary>From bytes of a terminal in raw mode to keys (ECMA-48 control sequences, as xterm and its kin send them).</summary>
internal static class KeyReader
{
    private const byte Escape = 27;

    /// <summary>The keys in these bytes, and how many bytes were understood: the rest is the beginning of a letter, and comes again with what follows it.</summary>
    public static int Parse(ReadOnlySpan<byte> bytes, List<Key> keys)
    {
        var at = 0;
        while (at < bytes.Length)
        {
            var b = bytes[at];
            if (b == Escape) at += Sequence(bytes[at..], keys);
            else if (b < 32 || b == 127)
            {
                keys.Add(new Key(Control(b)));
                at++;
            }
            else
            {
                var end = at;
                while (end < bytes.Length && bytes[end] >= 32 && bytes[end] != 127) end++;
                var whole = end == bytes.Length ? end - Unfinished(bytes[at..end]) : end;
                if (whole > at) keys.Add(new Key(KeyKind.Text, Encoding.UTF8.GetString(bytes[at..whole])));
                at = whole;
                if (whole < end) break;
            }
        }
        return at;
    }

    private static KeyKind Control(byte b) => b switch
    {
        1 => KeyKind.Home, 3 => KeyKind.Interrupt, 4 => KeyKind.Document, 5 => KeyKind.End, 8 or 127 => KeyKind.Backspace, 9 => KeyKind.Tab, 10 or 13 => KeyKind.Enter,
        21 => KeyKind.Clear, 23 => KeyKind.ClearWord, _ => KeyKind.Other,
    };

    /// <summary>Reads one escape sequence: <c>ESC [ parameters letter</c> or <c>ESC O letter</c>.</summary>
    private static int Sequence(ReadOnlySpan<byte> bytes, List<Key> keys)
    {
        if (bytes.Length < 3 || bytes[1] is not ((byte)'[' or (byte)'O'))
        {
            keys.Add(new Key(KeyKind.Other));
            return bytes.Length == 1 ? 1 : 2;
        }
        var end = 2;
        while (end < bytes.Length && bytes[end] is >= 0x20 and < 0x40) end++;
        if (end == bytes.Length) return end;
        keys.Add(new Key((char)bytes[end] switch
        {
            'A' => KeyKind.Up, 'B' => KeyKind.Down, 'C' => KeyKind.Right, 'D' => KeyKind.Left, 'H' => KeyKind.Home, 'F' => KeyKind.End, 'Z' => KeyKind.BackTab,
            '~' => bytes[2] switch { (byte)'1' or (byte)'7' => KeyKind.Home, (byte)'3' => KeyKind.Delete, (byte)'4' or (byte)'8' => KeyKind.End, _ => KeyKind.Other },
            _ => KeyKind.Other,
        }));
        return end + 1;
    }

    /// <summary>Bytes at the end that begin a letter and do not end it.</summary>
    private static int Unfinished(ReadOnlySpan<byte> text)
    {
        for (var back = 1; back <= Math.Min(3, text.Length); back++)
        {
            var b = text[^back];
            if ((b & 0xC0) == 0x80) continue;
            var length = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;
            return length > back ? back : 0;
        }
        return 0;
    }
}
