using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Yunpipe.Images.Registries;

/// <summary>What is sent as Authorization.
/// <code>
/// challenge   login known        then
/// none        any                nothing
/// Basic       name, password     Basic
/// Basic       none               nothing: the answer will say that a login is wanted
/// Bearer      none               GET realm?service&amp;scope                  an anonymous token
/// Bearer      name, password     GET realm?service&amp;scope with Basic
/// Bearer      identity token     POST realm, grant_type=refresh_token
/// </code>
/// Tokens are kept for each scope until shortly before they end (distribution specification, "Token Authentication").</summary>
internal sealed class RegistryAuth(RegistryAddress address, string repository, ImagePlaceSettings settings, HttpClient http) : IDisposable
{
    /// <summary>What a token lives where the registry does not say, and how much earlier it is changed for a new one.</summary>
    private const int UsualSeconds = 60, EarlierSeconds = 10;

    private const int MostBytes = 1 << 20;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, (string Token, DateTimeOffset Until)> _tokens = [];
    private Challenge? _challenge;
    private Login? _login;
    private bool _looked;

    /// <summary>True where a login was found, whether or not it is any good.</summary>
    public bool HasLogin => _login is not null;

    public string LoginFrom => _login?.From ?? "";

    /// <summary>Hears what the registry wants; a token that it refused is thrown away.</summary>
    public void Hear(HttpResponseMessage response, string scope)
    {
        lock (_tokens)
        {
            _challenge = Challenge.Choose(response.Headers.WwwAuthenticate.Select(header => header.ToString())) ?? _challenge;
            _tokens.Remove(scope);
        }
    }

    /// <param name="scope">Scopes as registries write them, parted by spaces: <c>repository:lab/nuclei:pull,push</c>.</param>
    /// <param name="secure">False where the registry is spoken to in plain HTTP: then its token server may be too.</param>
    public async Task<AuthenticationHeaderValue?> Header(string scope, bool secure, CancellationToken cancel)
    {
        if (_challenge is not { } challenge) return null;
        await _turn.WaitAsync(cancel);
        try
        {
            if (!_looked) (_login, _looked) = (Given() ?? await new LoginFiles(settings.Environment).Find(address, repository, cancel), true);
            if (challenge.IsBasic) return _login is null ? null : AuthenticationHeaderValue.Parse(_login.Basic);
            lock (_tokens)
                if (_tokens.TryGetValue(scope, out var known) && known.Until > settings.Time.GetUtcNow()) return new AuthenticationHeaderValue("Bearer", known.Token);
            var (token, seconds) = await Ask(challenge, scope, secure, cancel);
            lock (_tokens) _tokens[scope] = (token, settings.Time.GetUtcNow().AddSeconds(seconds - EarlierSeconds));
            return new AuthenticationHeaderValue("Bearer", token);
        }
        finally
        {
            _turn.Release();
        }
    }

    private Login? Given() => settings.Login is { } given && given.Host == address.Host ? new Login(given.User, given.Password, null, "what was given") : null;

    private async Task<(string Token, int Seconds)> Ask(Challenge challenge, string scope, bool secure, CancellationToken cancel)
    {
        if (!Uri.TryCreate(challenge["realm"], UriKind.Absolute, out var realm) || realm.Scheme is not ("https" or "http"))
            throw new ImageException(ImageCodes.NotARegistry, $"{address.Name} sends for a token to {Documents.Wording.Quote(challenge["realm"] ?? "")}, which is no address.", "Check the name of the registry.");
        if (realm.Scheme == "http" && secure)
            throw new ImageException(ImageCodes.PlainHttp, $"{address.Name} sends for a token to {realm.Host} in plain HTTP: the login would go out unprotected.", "Tell whoever runs the registry.");
        // Try again as every request does, since token servers have bad moments too.
        for (var tries = 1; ; tries++)
        {
            using var response = await Send(realm, challenge["service"], scope, cancel);
            var body = await Bounded.Read(response.Content, MostBytes, cancel);
            if (response.IsSuccessStatusCode) return Read(body ?? []);
            if (tries < Backoff.MaxTries && Backoff.Passes(response.StatusCode))
            {
                await Backoff.Wait(settings, tries, response, cancel);
                continue;
            }
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest && HasLogin) throw RegistryAnswers.LoginRefused(address, LoginFrom);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) throw RegistryAnswers.NeedsLogin(address, repository);
            throw RegistryAnswers.Other(response.StatusCode, body, $"{realm.Host}, which gives the tokens of {address.Name},");
        }
    }

    private async Task<HttpResponseMessage> Send(Uri realm, string? service, string scope, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(settings.Patience);
        try
        {
            var scopes = scope.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (_login?.IdentityToken is { } refresh)
            {
                var form = new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = refresh, ["service"] = service ?? "", ["client_id"] = "yunpipe", ["scope"] = scope };
                return await http.PostAsync(realm, new FormUrlEncodedContent(form), limit.Token);
            }
            var query = new StringBuilder(realm.Query.TrimStart('?'));
            void Add(string name, string value) => query.Append(query.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
            if (service is not null) Add("service", service);
            foreach (var each in scopes) Add("scope", each);
            if (_login is not null) Add("account", _login.User);
            using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri);
            if (_login is not null) request.Headers.Authorization = AuthenticationHeaderValue.Parse(_login.Basic);
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (HttpRequestException error)
        {
            throw RegistryAnswers.Unreachable(realm.Host, error);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw RegistryAnswers.Silent(realm.Host, settings.Patience);
        }
    }

    private (string, int) Read(byte[] body)
    {
        if (ImageJson.TryRead(body) is { } json && (Text(json, "token") ?? Text(json, "access_token")) is { } token)
            return (token, json["expires_in"] is JsonValue seconds && seconds.TryGetValue<int>(out var given) ? Math.Max(given, EarlierSeconds * 2) : UsualSeconds);
        throw new ImageException(ImageCodes.NotARegistry, $"What gives the tokens of {address.Name} answers without one.", "Check the name of the registry.");
    }

    /// <summary>A token goes into a header, where a line break would begin the next one.</summary>
    private static string? Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 && text.All(c => c is > ' ' and < '\x7f') ? text : null;

    public void Dispose() => _turn.Dispose();
}
