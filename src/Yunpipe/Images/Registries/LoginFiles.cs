using System.Text;
using System.Text.Json.Nodes;

namespace Yunpipe.Images.Registries;

/// <summary>Finds logins where docker and podman keep them, in this order; the first file that knows the registry counts.
/// <code>
/// REGISTRY_AUTH_FILE                       podman, and it alone where it is set
/// XDG_RUNTIME_DIR/containers/auth.json     podman
/// XDG_CONFIG_HOME/containers/auth.json     podman   (~/.config)
/// DOCKER_CONFIG/config.json                docker   (~/.docker)
/// </code>
/// In a file, a helper named for the registry (credHelpers) comes before the logins written there (auths), these before the general helper (credsStore).</summary>
internal sealed class LoginFiles(IReadOnlyDictionary<string, string> environment)
{
    private static readonly TimeSpan HelperPatience = TimeSpan.FromSeconds(30);

    /// <summary>Null where nobody has logged in.</summary>
    public async Task<Login?> Find(RegistryAddress registry, string repository, CancellationToken cancel)
    {
        foreach (var file in Files())
            if (Read(file) is { } config && await Find(config, file, registry, repository, cancel) is { } login) return login;
        return null;
    }

    private IEnumerable<string> Files()
    {
        string? Of(string name) => environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
        if (Of("REGISTRY_AUTH_FILE") is { } asked)
        {
            yield return asked;
            yield break;
        }
        if (Of("XDG_RUNTIME_DIR") is { } runtime) yield return Path.Combine(runtime, "containers/auth.json");
        if ((Of("XDG_CONFIG_HOME") ?? (Of("HOME") is { } home ? Path.Combine(home, ".config") : null)) is { } settings) yield return Path.Combine(settings, "containers/auth.json");
        if ((Of("DOCKER_CONFIG") ?? (Of("HOME") is { } own ? Path.Combine(own, ".docker") : null)) is { } docker) yield return Path.Combine(docker, "config.json");
    }

    private static JsonObject? Read(string file)
    {
        try
        {
            return ImageJson.TryRead(File.ReadAllBytes(file)) ?? throw new ImageException(ImageCodes.BadLogin, $"The file of logins “{file}” is no JSON.", "Mend it, or log in again.");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            throw new ImageException(ImageCodes.BadLogin, $"The file of logins “{file}” cannot be read: {error.Message.TrimEnd('.')}.", "Check whose it is.", error);
        }
    }

    private async Task<Login?> Find(JsonObject config, string file, RegistryAddress registry, string repository, CancellationToken cancel)
    {
        if (config["credHelpers"] is JsonObject helpers)
            foreach (var name in Names(registry, repository))
                if (helpers[name]?.ToString() is { Length: > 0 } helper)
                    return await LoginProgram.Get(helper, name, environment, HelperPatience, cancel);
        if (config["auths"] is JsonObject logins)
            foreach (var name in Names(registry, repository))
                if (Entry(logins, name) is { } entry && Decode(entry, file) is { } login) return login;
        return config["credsStore"]?.ToString() is { Length: > 0 } store ? await LoginProgram.Get(store, registry.LoginName, environment, HelperPatience, cancel) : null;
    }

    /// <summary>Podman's file may hold a login for a part of a registry: the longest name that fits is the one.</summary>
    private static IEnumerable<string> Names(RegistryAddress registry, string repository)
    {
        for (var path = $"{registry.Name}/{repository}"; path.LastIndexOf('/') is var slash and > 0; path = path[..slash]) yield return path;
        yield return registry.Name;
        if (registry.LoginName != registry.Name) yield return registry.LoginName;
        if (registry.Host != registry.Name) yield return registry.Host;
    }

    /// <summary>Old dockers wrote addresses (<c>https://host/v1/</c>) where now names stand.</summary>
    private static JsonObject? Entry(JsonObject logins, string name) =>
        logins[name] as JsonObject ?? logins.FirstOrDefault(each => Bare(each.Key) == name).Value as JsonObject;

    private static string Bare(string key)
    {
        var scheme = key.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return key;
        var rest = key[(scheme + 3)..];
        return rest.IndexOf('/') is var slash and >= 0 ? rest[..slash] : rest;
    }

    private static Login? Decode(JsonObject entry, string file)
    {
        var token = entry["identitytoken"]?.ToString() is { Length: > 0 } given ? given : null;
        var auth = entry["auth"]?.ToString() ?? "";
        // A helper keeps the secret, and leaves an empty entry to say so.
        if (auth.Length == 0) return token is null ? null : new Login(Login.TokenUser, "", token, file);
        var bytes = new byte[auth.Length];
        if (!Convert.TryFromBase64String(auth, bytes, out var count) || Encoding.UTF8.GetString(bytes, 0, count).TrimEnd('\0') is var text && !text.Contains(':'))
            throw new ImageException(ImageCodes.BadLogin, $"A login in “{file}” cannot be read: it is not name:password in base 64.", "Log in again.");
        var pair = Encoding.UTF8.GetString(bytes, 0, count).TrimEnd('\0').Split(':', 2);
        return new Login(pair[0], pair[1], token, file);
    }
}
