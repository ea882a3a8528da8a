using System.Runtime.InteropServices;

namespace Yunpipe.Agent;

/// <summary>A static glibc would load the image's own name-service modules, built for another glibc, and abort. So it is told to look into files only.</summary>
internal static partial class StaticLibc
{
    public static void ForgetImageModules()
    {
        _ = NssConfigure("hosts", "files dns");
        foreach (var database in (ReadOnlySpan<string>)["passwd", "group", "initgroups", "services"]) _ = NssConfigure(database, "files");
    }

    [LibraryImport("libc", EntryPoint = "__nss_configure_lookup", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NssConfigure(string database, string services);
}
