using Yunpipe.Algorithms.Describing;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Form;

namespace Yunpipe.Cli.Describing;

/// <summary>The editor: one question after another, each of which can be gone back to.
/// <code>
/// key          question                            last question (write it?)
/// Enter        checks the answer, next question    yes: done · no: stays
/// Up, BackTab  the question before                 the question before
/// Down         the next, where the answer holds
/// Tab          the next of the choices
/// Ctrl-D       shows the document, or the answers again
/// Ctrl-C       ends; answers are kept              ends; answers are kept
/// </code></summary>
internal sealed class DescribeSession(Terminal terminal, Keyboard keyboard, DraftFile kept, Func<string, bool> exists)
{
    private const string Yes = "yes", No = "no";
    private readonly DescribeScreen _screen = new(terminal);
    private bool _showDocument;
    private bool _isKept = true;
    private bool _resumed;

    /// <summary>The finished draft; null where it was left before. The answers so far are kept either way.</summary>
    /// <param name="resumed">True where answers from before go on: then the first question is the first that has none.</param>
    public Draft? Run(Draft draft, bool resumed, CancellationToken cancel)
    {
        var at = resumed && draft.Original is null ? Questionnaire.Of(draft).ToList().FindIndex(question => draft[question.Id] is null) : 0;
        if (at < 0) at = int.MaxValue;
        _resumed = resumed;
        LineEdit? edit = null;
        string? flaw = null;
        while (true)
        {
            var questions = Questionnaire.Of(draft);
            at = Math.Min(at, questions.Count);
            var question = at < questions.Count ? questions[at] : Last(draft);
            edit ??= new LineEdit(at < questions.Count ? draft[question.Id] ?? question.Default : Yes);
            Show(draft, questions, at, question, edit, flaw);
            if (keyboard.Read(cancel) is not { } keys) return null;
            foreach (var key in keys)
            {
                switch (key.Kind)
                {
                    case KeyKind.Interrupt:
                        return null;
                    case KeyKind.Document:
                        _showDocument = !_showDocument;
                        continue;
                    case KeyKind.Tab when question.Choices.Count > 0:
                        edit = new LineEdit(question.Choices[(question.Choices.ToList().IndexOf(edit.Text) + 1) % question.Choices.Count]);
                        continue;
                    case KeyKind.Up or KeyKind.BackTab:
                        if (at > 0) (at, edit, flaw) = (at - 1, null, null);
                        break;
                    case KeyKind.Enter or KeyKind.Down or KeyKind.Tab:
                        var answer = Complete(question, edit.Text.Trim());
                        if (at == questions.Count)
                        {
                            if (key.Kind != KeyKind.Enter) continue;
                            var bad = Unanswered(draft, questions);
                            if (answer == Yes && bad < 0) return draft;
                            if (answer == Yes) (at, edit, flaw) = (bad, null, DraftDocument.Flaw(draft, questions[bad]));
                            else (edit, flaw) = (new LineEdit(Yes), "↑ goes back to the answers; Ctrl-C stops and keeps them.");
                            break;
                        }
                        var given = draft.With(question.Id, answer);
                        flaw = DraftDocument.Flaw(given, question);
                        if (flaw is not null) continue;
                        draft = given;
                        _resumed = false;
                        _isKept &= kept.Write(draft.Answers);
                        (at, edit) = (at + 1, null);
                        break;
                    default:
                        if (edit.Take(key)) flaw = null;
                        continue;
                }
                // What was typed after a key that leads on belongs to the next question.
                if (edit is not null) continue;
                questions = Questionnaire.Of(draft);
                question = at < questions.Count ? questions[at] : Last(draft);
                edit = new LineEdit(at < questions.Count ? draft[question.Id] ?? question.Default : Yes);
            }
        }
    }

    /// <summary>A word that only one choice begins with is that choice.</summary>
    private static string Complete(Question question, string text) =>
        text.Length > 0 && question.Choices.Where(choice => choice.StartsWith(text, StringComparison.OrdinalIgnoreCase)).ToList() is [var only] ? only : text;

    /// <summary>The first question whose answer does not hold; -1 where all do. What was answered later can spoil what was right before.</summary>
    private static int Unanswered(Draft draft, IReadOnlyList<Question> questions) =>
        questions.ToList().FindIndex(question => DraftDocument.Flaw(draft, question) is not null);

    private Question Last(Draft draft)
    {
        var file = draft.Value("file");
        return new Question("write", "", exists(file) ? $"“{file}” is there already. Write over it?" : $"Write this to “{file}”?", _isKept ? "↑ goes back to any answer." : "↑ goes back to any answer. Answers cannot be kept here: the home folder cannot be written.") { Choices = [Yes, No] };
    }

    private void Show(Draft draft, IReadOnlyList<Question> questions, int at, Question question, LineEdit edit, string? flaw)
    {
        var isLast = at == questions.Count;
        var document = isLast || _showDocument;
        IReadOnlyList<string> list = document ? DraftDocument.ToYaml(draft).TrimEnd().Split('\n') : [.. questions.Select(each => Line(draft, each))];
        // What is known of the image stands where one decides what to make of it.
        if (at == 0 && !document && draft.Image is { } image) list = [.. image.Lines()];
        var now = isLast ? draft : draft.With(question.Id, edit.Text.Trim());
        _screen.Draw($"Describe an algorithm{(isLast ? "" : $" · question {at + 1} of {questions.Count}")}{(_resumed ? " · your answers from before; --new begins anew" : "")}", list, document || list.Count <= at ? -1 : at, question, edit, flaw, DraftDocument.Preview(now));
    }

    private static string Line(Draft draft, Question question)
    {
        var label = question.Label.Length > 0 ? question.Label : "  " + question.Id[(question.Id.LastIndexOf('.') + 1)..];
        return $"{label,-18} {draft[question.Id] ?? (question.Default.Length > 0 ? $"({question.Default})" : "")}";
    }
}
