namespace Yunpipe.Toolbox;

/// <summary>An input or a command line that a verb will not work with: one sentence for the user, one code for the caller.</summary>
internal sealed class RefusedException(ExitCode code, string sentence) : Exception(sentence)
{
    public ExitCode Code { get; } = code;
}
