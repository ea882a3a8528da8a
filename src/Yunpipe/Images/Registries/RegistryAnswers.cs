using System.Net;
using System.Text.Json.Nodes;
using Yunpipe.Documents;

namespace Yunpipe.Images.Registries;

/// <summary>What a registry's refusals mean, in words (OCI distribution specification, "Error Codes").</summary>
internal static class RegistryAnswers
{
    private const int LongestQuote = 200;

    /// <summary>An answer that nobody waits for.</summary>
    /// <param name="doing">Half a sentence: “reading lab/nuclei”.</param>
    public static ImageException Refuse(HttpStatusCode status, byte[]? body, RegistryAddress address, string repository, RegistryAuth auth, string doing) => status switch
    {
        HttpStatusCode.Unauthorized when auth.HasLogin => LoginRefused(address, auth.LoginFrom),
        HttpStatusCode.Unauthorized => NeedsLogin(address, repository),
        HttpStatusCode.Forbidden => new ImageException(ImageCodes.Denied, $"{address.Name} does not allow {doing}{Said(body)}.",
            auth.HasLogin ? "Ask whoever owns the repository for the right." : $"Log in: “docker login {address.Name}” or “podman login {address.Name}”."),
        _ => Other(status, body, $"{address.Name}, asked for {doing},"),
    };

    public static ImageException Other(HttpStatusCode status, byte[]? body, string who) => status switch
    {
        HttpStatusCode.TooManyRequests => new ImageException(ImageCodes.TooManyRequests, $"{who} wants fewer requests{Said(body)}.", "Wait a while; with a login more are allowed."),
        HttpStatusCode.RequestEntityTooLarge => new ImageException(ImageCodes.Refused, $"{who} finds it too large{Said(body)}.", "Its administrator sets the limit, often in a proxy before it."),
        >= HttpStatusCode.InternalServerError => new ImageException(ImageCodes.RegistryBroken, $"{who} fails with {(int)status}{Said(body)}.", "Try again later."),
        _ => new ImageException(IsHtml(body) ? ImageCodes.NotARegistry : ImageCodes.Refused, $"{who} answers {(int)status}{Said(body)}.", IsHtml(body) ? "Check the name: this is a web server, not a registry." : null),
    };

    public static ImageException NeedsLogin(RegistryAddress address, string repository) =>
        new(ImageCodes.NeedsLogin, $"{address.Name} does not give “{repository}” without a login, or does not have it.", $"Check the name, or log in: “docker login {address.Name}” or “podman login {address.Name}”.");

    public static ImageException LoginRefused(RegistryAddress address, string from) =>
        new(ImageCodes.LoginRefused, $"{address.Name} does not accept the login from {from}.", $"Log in again: “docker login {address.Name}” or “podman login {address.Name}”.");

    public static ImageException Unreachable(string host, Exception error) =>
        new(ImageCodes.Unreachable, $"{host} cannot be reached: {Cause(error)}.", "Check the name and the network.", error);

    public static ImageException Silent(string host, TimeSpan patience) =>
        new(ImageCodes.ConnectionLost, $"{host} said nothing for {patience.TotalSeconds:0} s.", "Try again later.");

    public static ImageException Lost(string host, Exception error) =>
        new(ImageCodes.ConnectionLost, $"The connection to {host} breaks again and again: {Cause(error)}.", "Try again; what has arrived is not sent again.", error);

    public static ImageException NotTrusted(string host, Exception error) =>
        new(ImageCodes.NotTrusted, $"The certificate of {host} is not trusted here.", "If it is yours, name its authority with --ca-file FILE, or put it into /etc/docker/certs.d or /etc/containers/certs.d.", error);

    public static ImageException NotEncrypted(string host, Exception error) =>
        new(ImageCodes.PlainHttp, $"{host} does not speak TLS.", "If it is meant to be like that, allow it with --plain-http.", error);

    public static ImageException WebPage(string host) => new(ImageCodes.NotARegistry, $"{host} answers with a web page, not as a registry does.", "Check the name: a proxy or a login page may stand in between.");

    private static string Cause(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return Shorten(error.Message.TrimEnd('.'));
    }

    /// <summary>The registry's own words, where it has any.</summary>
    private static string Said(byte[]? body)
    {
        if (body is null || ImageJson.TryRead(body) is not { } json) return "";
        var words = json["errors"] is JsonArray { Count: > 0 } errors && errors[0] is JsonObject first
            ? string.Join(": ", new[] { first["code"]?.ToString(), first["message"]?.ToString() }.Where(text => !string.IsNullOrEmpty(text)))
            : json["details"]?.ToString() ?? json["message"]?.ToString() ?? "";
        return words.Length == 0 ? "" : $" ({Shorten(words)})";
    }

    private static bool IsHtml(byte[]? body) => body is not null && ImageDocument.LooksLikeHtml(body);

    private static string Shorten(string text) => Wording.Quote(text.Length > LongestQuote ? text[..LongestQuote] : text)[1..^1].TrimEnd('.');
}
