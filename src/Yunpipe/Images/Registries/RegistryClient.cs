using System.Net;
using System.Net.Http.Headers;

namespace Yunpipe.Images.Registries;

/// <summary>One question to a registry.</summary>
/// <param name="Address">A path (<c>/v2/…</c>), or the whole address that the registry gave for an upload.</param>
/// <param name="Doing">Half a sentence for messages.</param>
internal sealed record RegistryRequest(HttpMethod Method, string Address, string Scope, string Doing)
{
    /// <summary>Called for each try; null for nothing to send.</summary>
    public Func<HttpContent>? Content { get; init; }

    public Action<HttpRequestHeaders>? Headers { get; init; }

    /// <summary>False where the caller must think before it sends again.</summary>
    public bool Again { get; init; } = true;

    /// <summary>True to follow the registry to where it keeps its blobs. The login stays here.</summary>
    public bool Follow { get; init; }
}

/// <summary>Talks to one repository of a registry: finds out whether it speaks TLS, logs in when asked, waits and tries again.
/// <code>
/// answer                 first time                         then
/// 401                    hear the challenge, ask again      a login is wanted, or refused
/// 429, 5xx               wait as told, or twice as long     after five tries: told
/// connection lost        the same                           the same
/// 30x with Follow        there, without the login           at most five hops
/// anything else          the caller's
/// </code></summary>
internal sealed class RegistryClient : IDisposable
{
    private const int MaxRedirects = 5;
    private const int MostWords = 64 << 10;

    /// <summary>A host that does not even answer the first packet is not there.</summary>
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(20);

    private readonly ImagePlaceSettings _settings;
    private readonly Certificates _certificates;
    private readonly HttpClient _http;
    private readonly RegistryAuth _auth;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Uri? _root;

    public RegistryClient(RegistryAddress address, string repository, ImagePlaceSettings settings)
    {
        (Address, Repository, _settings) = (address, repository, settings);
        _certificates = Certificates.For(address, settings);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false, ConnectTimeout = ConnectPatience,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), SslOptions = _certificates.Options, Expect100ContinueTimeout = TimeSpan.FromSeconds(1),
        }) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("yunpipe");
        _auth = new RegistryAuth(address, repository, settings, _http);
    }

    public RegistryAddress Address { get; }
    public string Repository { get; }
    public ImagePlaceSettings Settings => _settings;

    /// <summary>Asks, and answers with what the caller must judge. Refusals that mean the same for every question are exceptions.</summary>
    public async Task<HttpResponseMessage> Send(RegistryRequest request, CancellationToken cancel, Stall? stall = null)
    {
        var root = await Root(cancel);
        for (int tries = 1, logins = 0; ; tries++)
        {
            var header = await _auth.Header(request.Scope, root.Scheme == "https", cancel);
            HttpResponseMessage response;
            try
            {
                response = await Once(request, root, header, stall, cancel);
            }
            catch (Exception error) when (IsConnection(error, cancel))
            {
                Judge(error);
                if (!request.Again || tries >= Backoff.MaxTries) throw error is OperationCanceledException ? RegistryAnswers.Silent(Address.Name, _settings.Patience) : RegistryAnswers.Lost(Address.Name, error);
                await Backoff.Wait(_settings, tries, null, cancel);
                continue;
            }
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                _auth.Hear(response, request.Scope);
                if (logins++ == 0 && request.Again)
                {
                    response.Dispose();
                    continue;
                }
                throw await Refuse(response, request.Doing, cancel);
            }
            if (!Backoff.Passes(response.StatusCode) || !request.Again) return response;
            if (tries >= Backoff.MaxTries) throw await Refuse(response, request.Doing, cancel);
            await Backoff.Wait(_settings, tries, response, cancel);
            response.Dispose();
        }
    }

    /// <summary>The exception that an answer means; the answer is disposed.</summary>
    public async Task<ImageException> Refuse(HttpResponseMessage response, string doing, CancellationToken cancel)
    {
        using (response)
            return RegistryAnswers.Refuse(response.StatusCode, await Words(response, cancel), Address, Repository, _auth, doing);
    }

    /// <summary>True for what happens to connections, whatever is asked: not for what the source of an upload says, nor for the caller's own cancelling.</summary>
    public static bool IsConnection(Exception error, CancellationToken cancel) =>
        FromSource(error) is null && (error is HttpRequestException or IOException || error is OperationCanceledException && !cancel.IsCancellationRequested);

    /// <summary>What the bytes to be sent said themselves, from within the exception that wraps it; null where it is not about them.</summary>
    public static ImageException? FromSource(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            if (error is ImageException own) return own;
        return null;
    }

    /// <summary>Throws for what another try would not change.</summary>
    private void Judge(Exception error)
    {
        if (error is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError } or OperationCanceledException { InnerException: TimeoutException })
            throw RegistryAnswers.Unreachable(Address.Host, error);
        if (error is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } && _certificates.Refused) throw RegistryAnswers.NotTrusted(Address.Host, error);
    }

    private async Task<byte[]?> Words(HttpResponseMessage response, CancellationToken cancel)
    {
        using var limit = new Stall(_settings.Patience, cancel);
        try
        {
            return await Bounded.Read(response.Content, MostWords, limit.Token);
        }
        catch (Exception error) when (IsConnection(error, cancel))
        {
            return null; // The status says enough.
        }
    }

    private async Task<HttpResponseMessage> Once(RegistryRequest request, Uri root, AuthenticationHeaderValue? header, Stall? stall, CancellationToken cancel)
    {
        var (target, at) = (new Uri(root, request.Address), 0);
        var own = stall is null ? new Stall(_settings.Patience, cancel) : null;
        try
        {
            while (true)
            {
                using var message = new HttpRequestMessage(request.Method, target) { Content = request.Content?.Invoke() };
                request.Headers?.Invoke(message.Headers);
                // The login is for the registry alone: storage has its own, in the address.
                if (IsRegistry(target, root)) message.Headers.Authorization = header;
                var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, (stall ?? own)!.Token);
                if (!request.Follow || response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                    || response.Headers.Location is not { } location) return response;
                response.Dispose();
                var next = new Uri(target, location);
                if (++at > MaxRedirects) throw new ImageException(ImageCodes.NotARegistry, $"{Address.Name} sends from one address to the next without end.", "Tell whoever runs the registry.");
                if (next.Scheme is not ("https" or "http") || target.Scheme == "https" && next.Scheme == "http")
                    throw new ImageException(ImageCodes.PlainHttp, $"{Address.Name} sends to {next.Host} without encryption.", "Tell whoever runs the registry.");
                target = next;
            }
        }
        finally
        {
            own?.Dispose();
        }
    }

    private static bool IsRegistry(Uri target, Uri root) => target.Scheme == root.Scheme && target.Authority == root.Authority;

    /// <summary>Where the registry is: by TLS; without, where that is allowed and TLS is not spoken. Hears at the same time what it wants for a login.</summary>
    private async Task<Uri> Root(CancellationToken cancel)
    {
        if (_root is { } known) return known;
        await _turn.WaitAsync(cancel);
        try
        {
            return _root ??= await Find(cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Uri> Find(CancellationToken cancel)
    {
        var scheme = "https";
        for (var tries = 1; ; tries++)
        {
            using var stall = new Stall(_settings.Patience, cancel);
            var root = new Uri($"{scheme}://{Address.Host}/");
            try
            {
                using var response = await _http.GetAsync(new Uri(root, "/v2/"), HttpCompletionOption.ResponseHeadersRead, stall.Token);
                if (response.StatusCode == HttpStatusCode.Unauthorized) _auth.Hear(response, "");
                return root;
            }
            catch (Exception error) when (IsConnection(error, cancel))
            {
                Judge(error);
                if (error is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
                {
                    if (!_settings.PlainHttp && !Address.IsLoopback) throw RegistryAnswers.NotEncrypted(Address.Host, error);
                    scheme = "http";
                    continue;
                }
                if (tries >= Backoff.MaxTries) throw error is OperationCanceledException ? RegistryAnswers.Silent(Address.Name, _settings.Patience) : RegistryAnswers.Lost(Address.Name, error);
                await Backoff.Wait(_settings, tries, null, cancel);
            }
        }
    }

    public void Dispose()
    {
        _auth.Dispose();
        _http.Dispose();
        _turn.Dispose();
    }
}

/// <summary>Ends what makes no progress for too long. Whoever moves bytes says so.</summary>
internal sealed class Stall : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _patience;

    public Stall(TimeSpan patience, CancellationToken cancel)
    {
        (_patience, _source) = (patience, CancellationTokenSource.CreateLinkedTokenSource(cancel));
        Moved();
    }

    public CancellationToken Token => _source.Token;

    public void Moved() => _source.CancelAfter(_patience);

    public void Dispose() => _source.Dispose();
}
