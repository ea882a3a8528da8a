using System.Text;

namespace Yunpipe.Cli.Console.Form;

/// <summary>One line of text that is typed, with a cursor between its letters.</summary>
internal sealed class LineEdit
{
    private readonly List<Rune> _text = [];

    public LineEdit(string text)
    {
        _text.AddRange(text.EnumerateRunes());
        Cursor = _text.Count;
    }

    public string Text => string.Concat(_text.Select(rune => rune.ToString()));

    /// <summary>Letters before the cursor.</summary>
    public int Cursor { get; private set; }

    /// <summary>The part of the text that fits into so many columns around the cursor, and the cursor's column in it.</summary>
    public (string Shown, int Column) Window(int columns)
    {
        var start = Math.Max(0, Cursor - Math.Max(1, columns) + 1);
        return (string.Concat(_text.Skip(start).Take(columns).Select(rune => rune.ToString())), Cursor - start);
    }

    /// <summary>False where the key means nothing to a line of text.</summary>
    public bool Take(Key key)
    {
        switch (key.Kind)
        {
            case KeyKind.Text:
                var typed = key.Text.EnumerateRunes().ToList();
                _text.InsertRange(Cursor, typed);
                Cursor += typed.Count;
                return true;
            case KeyKind.Left: Cursor = Math.Max(0, Cursor - 1); return true;
            case KeyKind.Right: Cursor = Math.Min(_text.Count, Cursor + 1); return true;
            case KeyKind.Home: Cursor = 0; return true;
            case KeyKind.End: Cursor = _text.Count; return true;
            case KeyKind.Backspace: Remove(Cursor - 1); return true;
            case KeyKind.Delete: Remove(Cursor, 0); return true;
            case KeyKind.Clear: Cut(0); return true;
            case KeyKind.ClearWord:
                var start = Cursor;
                while (start > 0 && Rune.IsWhiteSpace(_text[start - 1])) start--;
                while (start > 0 && !Rune.IsWhiteSpace(_text[start - 1])) start--;
                Cut(start);
                return true;
            default: return false;
        }
    }

    private void Cut(int start)
    {
        _text.RemoveRange(start, Cursor - start);
        Cursor = start;
    }

    private void Remove(int at, int back = 1)
    {
        if (at < 0 || at >= _text.Count) return;
        _text.RemoveAt(at);
        Cursor -= back;
    }
}
