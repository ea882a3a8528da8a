using System.Globalization;
using System.Text;

namespace Yunpipe.Images.Checks;

/// <summary>The user that an image starts as, and what it may do with a file (OCI image configuration, "User"; passwd(5)).</summary>
/// <param name="Text">As the configuration has it; empty means root.</param>
/// <param name="User">Null where a name is in no list of the image.</param>
internal sealed record ImageUser(string Text, int? User, IReadOnlyList<int> Groups)
{
    public bool IsRoot => User == 0;

    public static ImageUser Of(string text, ImageFiles files)
    {
        var parts = text.Split(':', 2);
        var users = Lines(files, "/etc/passwd");
        var row = users.FirstOrDefault(row => row[0] == parts[0]) ?? users.FirstOrDefault(row => row.Length > 2 && row[2] == parts[0]);
        int? user = text.Length == 0 ? 0 : row is { Length: > 2 } ? Number(row[2]) : Number(parts[0]);
        var groups = new List<int>();
        if (parts.Length > 1)
        {
            var named = Number(parts[1]) ?? Number(Lines(files, "/etc/group").FirstOrDefault(group => group[0] == parts[1])?.ElementAtOrDefault(2));
            if (named is { } given) groups.Add(given);
        }
        else
        {
            groups.Add(row is { Length: > 3 } ? Number(row[3]) ?? 0 : 0);
            groups.AddRange(Lines(files, "/etc/group").Where(group => row is not null && group.Length > 3 && group[3].Split(',').Contains(row[0])).Select(group => Number(group[2])).OfType<int>());
        }
        return new ImageUser(text, user, groups);
    }

    public bool MayExecute(ImageFile file) => IsRoot ? (file.Mode & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0
        : May(file, UnixFileMode.UserExecute, UnixFileMode.GroupExecute, UnixFileMode.OtherExecute);

    public bool MayWrite(ImageFile file) => IsRoot || May(file, UnixFileMode.UserWrite, UnixFileMode.GroupWrite, UnixFileMode.OtherWrite);

    private bool May(ImageFile file, UnixFileMode user, UnixFileMode group, UnixFileMode other) =>
        (file.Mode & (file.User == User ? user : Groups.Contains(file.Group) ? group : other)) != 0;

    private static IReadOnlyList<string[]> Lines(ImageFiles files, string path) =>
        files.Find(path) is { File: { Head.Length: > 0 } file } ? [.. Encoding.UTF8.GetString(file.Head.Span).Split('\n').Where(line => line.Length > 0).Select(line => line.TrimEnd('\r').Split(':'))] : [];

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
