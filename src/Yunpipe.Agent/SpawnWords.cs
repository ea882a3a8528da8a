using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>Why a process could not be started, in one plain sentence.</summary>
internal static class SpawnWords
{
    public const string UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static string NotFound(string program) => $"The program “{program}” was not found{(program.Contains('/') ? "" : " in PATH")}.";

    /// <param name="error">The errno of the attempt to start it.</param>
    public static string Of(string file, string directory, int error) => error switch
    {
        2 or 13 when !Directory.Exists(directory) => $"The working directory “{directory}” is not there, or this user may not enter it.",
        2 => $"“{file}” could not be started: its interpreter (the first line of a script, or the loader of a program) is not there.",
        8 => $"“{file}” could not be started: it is not a program for this kind of machine, or a script without “#!” on its first line.",
        13 => $"“{file}” could not be started: it is not marked as executable, or this user may not run it.",
        7 => $"“{file}” could not be started: the list of arguments is too long for the system.",
        _ => $"“{file}” could not be started: {Posix.ErrorText(error)}.",
    };
}
