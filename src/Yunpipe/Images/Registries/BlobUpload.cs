using System.Globalization;
using System.Net;

namespace Yunpipe.Images.Registries;

/// <summary>Sends one blob (OCI distribution specification, "Pushing Blobs").
/// <code>
/// size      first               connection breaks                           the registry has forgotten the upload
/// small     POST, PUT           POST, PUT again                             the same
/// large     POST, PATCH, PUT    GET: how much has come? PATCH from there    POST and all again
/// </code>
/// What is given up is taken back with DELETE, so that nothing half sent stays.</summary>
internal sealed class BlobUpload(RegistryClient client, string scope, BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress)
{
    /// <summary>Up to here one request carries all: sending it again costs less than asking how much has come.</summary>
    public const long Small = 1 << 20;

    /// <summary>The session as it was begun, before anything was sent to it.</summary>
    private string? _fresh;

    private string Doing => $"writing to {client.Repository}";

    /// <param name="session">An upload that the registry has begun already; null to begin one.</param>
    public async Task Run(string? session, CancellationToken cancel)
    {
        long farthest = 0;
        for (int tries = 1, fresh = 1, logins = 0; ; tries++)
        {
            session ??= await Begin(cancel);
            Exception broken;
            try
            {
                session = blob.Size <= Small ? await Whole(session, cancel) : await Parts(session, cancel);
                if (session is null) return;
                broken = new IOException("the registry forgot the upload");
                session = null;
            }
            catch (Exception error) when (RegistryClient.FromSource(error) is { } own && !Passes(own) && !(IsLogin(own) && logins++ == 0))
            {
                await GiveUp(session);
                throw error == own ? error : own;
            }
            catch (Exception error) when (RegistryClient.IsConnection(error, cancel) || RegistryClient.FromSource(error) is not null)
            {
                // The client of the destination wraps what the source says.
                broken = RegistryClient.FromSource(error) ?? error;
            }
            catch (OperationCanceledException)
            {
                await GiveUp(session);
                throw;
            }
            // The answer may be what was lost.
            if (await Has(cancel)) return;
            if (blob.Size <= Small)
            {
                // Part of it may have come, and would stand before the next try.
                await GiveUp(session);
                session = null;
            }
            var arrived = session is null ? 0 : await Arrived(session, cancel);
            if (arrived < 0) session = null;
            if (arrived > farthest) (farthest, tries) = (arrived, 1);
            if (tries >= Backoff.MaxTries || session is null && ++fresh > Backoff.MaxTries)
            {
                await GiveUp(session);
                throw broken as ImageException ?? RegistryAnswers.Lost(client.Address.Name, broken);
            }
            await Backoff.Wait(client.Settings, tries, null, cancel);
        }
    }

    /// <summary>True for what another try may change.</summary>
    private static bool Passes(ImageException error) => error.Problem.Code is ImageCodes.ConnectionLost or ImageCodes.RegistryBroken or ImageCodes.TooManyRequests;

    /// <summary>A token may end in the middle of a long upload; the next request fetches another.</summary>
    private static bool IsLogin(ImageException error) => error.Problem.Code is ImageCodes.NeedsLogin or ImageCodes.LoginRefused;

    private async Task<string> Begin(CancellationToken cancel)
    {
        using var response = await client.Send(new RegistryRequest(HttpMethod.Post, $"/v2/{client.Repository}/blobs/uploads/", scope, Doing) { Content = Nothing }, cancel);
        if (response.StatusCode != HttpStatusCode.Accepted) throw await client.Refuse(response, Doing, cancel);
        return _fresh = Location(response) ?? throw new ImageException(ImageCodes.NotARegistry, $"{client.Address.Name} accepts an upload and does not say where.", "Check the name of the registry.");
    }

    /// <summary>Null when it is done; the session when the registry no longer knows it.</summary>
    private Task<string?> Whole(string session, CancellationToken cancel) => Put(session, stall => new SentContent(blob, 0, open, progress, stall), cancel);

    private async Task<string?> Parts(string session, CancellationToken cancel)
    {
        var arrived = await Arrived(session, cancel);
        if (arrived < 0) return session;
        _fresh = null;
        if (arrived < blob.Size)
        {
            using var stall = new Stall(client.Settings.Patience, cancel);
            using var response = await client.Send(new RegistryRequest(HttpMethod.Patch, session, scope, Doing)
            {
                Again = false,
                Content = () =>
                {
                    var content = new SentContent(blob, arrived, open, progress, stall);
                    // The first part goes as docker sends it, which every registry knows; later ones say where they belong.
                    if (arrived > 0) content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{arrived}-{blob.Size - 1}"));
                    return content;
                },
            }, cancel, stall);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.RequestedRangeNotSatisfiable) return session;
            if (!response.IsSuccessStatusCode) throw await client.Refuse(response, Doing, cancel);
            session = Location(response) ?? session;
        }
        return await Put(session, _ => Nothing(), cancel);
    }

    private async Task<string?> Put(string session, Func<Stall, HttpContent> content, CancellationToken cancel)
    {
        using var stall = new Stall(client.Settings.Patience, cancel);
        var target = session + (session.Contains('?') ? "&" : "?") + "digest=" + Uri.EscapeDataString(blob.Digest.ToString());
        using var response = await client.Send(new RegistryRequest(HttpMethod.Put, target, scope, Doing) { Again = false, Content = () => content(stall) }, cancel, stall);
        if (response.StatusCode == HttpStatusCode.NotFound) return session;
        if (!response.IsSuccessStatusCode) throw await client.Refuse(response, Doing, cancel);
        RegistryPlace.CheckStored(response, blob.Digest, client.Address);
        return null;
    }

    /// <summary>How many bytes the registry has; -1 where it does not know the upload. One that is new has none, and is not asked.</summary>
    private async Task<long> Arrived(string session, CancellationToken cancel)
    {
        if (session == _fresh) return 0;
        using var response = await client.Send(new RegistryRequest(HttpMethod.Get, session, scope, Doing), cancel);
        if (!response.IsSuccessStatusCode) return -1;
        var range = response.Headers.TryGetValues("Range", out var values) ? values.First() : "";
        return range.LastIndexOf('-') is var dash and >= 0 && long.TryParse(range.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last > 0 ? Math.Min(last + 1, blob.Size) : 0;
    }

    private async Task<bool> Has(CancellationToken cancel)
    {
        using var response = await client.Send(new RegistryRequest(HttpMethod.Head, $"/v2/{client.Repository}/blobs/{blob.Digest}", scope, Doing) { Follow = true }, cancel);
        return response.IsSuccessStatusCode;
    }

    private async Task GiveUp(string? session)
    {
        if (session is null) return;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using var response = await client.Send(new RegistryRequest(HttpMethod.Delete, session, scope, Doing) { Again = false }, limit.Token);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            // Registries sweep out what is never finished; the first failure is the one to tell.
        }
    }

    private static string? Location(HttpResponseMessage response) =>
        response.Headers.Location is not { } location ? null : location.IsAbsoluteUri ? location.AbsoluteUri : location.OriginalString;

    private static ByteArrayContent Nothing() => new([]);
}
