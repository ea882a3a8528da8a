namespace Yunpipe.Images;

/// <summary>Opens an image in a local engine. Answers null where it is to be read and the engine does not have it, or does not run.</summary>
/// <param name="engine"><c>docker</c> or <c>podman</c>; null for whichever has it.</param>
/// <param name="required">True where a person named the engine: then a problem is an exception, not null.</param>
public delegate Task<ImagePlace?> OpenInEngine(string? engine, ImageReference name, PlaceUse use, bool required, CancellationToken cancel);

/// <summary>What a place is opened for.</summary>
public enum PlaceUse { Read, Write }

/// <summary>A name and a password for one registry.</summary>
/// <param name="Host">With its port, where it is not the usual one.</param>
public sealed record RegistryLogin(string Host, string User, string Password)
{
    /// <summary>A secret never gets into a message by accident.</summary>
    public override string ToString() => $"login of {User} to {Host}";
}

/// <summary>What opening places depends on besides their names.</summary>
public sealed record ImagePlaceSettings
{
    /// <summary>This process's environment: HOME and the variables of docker and podman say where logins and certificates lie.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Registries may be spoken to without encryption. Those of this machine may anyway.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>A PEM file with authorities to believe beside the machine's own; null for none.</summary>
    public string? CaFile { get; init; }

    /// <summary>What one registry is logged in to with, before any login that is kept in a file.</summary>
    public RegistryLogin? Login { get; init; }

    /// <summary>Where a plain reference is read from: <c>registry</c>, <c>docker</c> or <c>podman</c>; null to find out.</summary>
    public string? From { get; init; }

    /// <summary>Local engines; null where there are none to ask.</summary>
    public OpenInEngine? Engine { get; init; }

    /// <summary>Hears how far it is what a place takes long for before anything can be read; null for nobody.</summary>
    public IProgress<CopyProgress>? Progress { get; init; }

    /// <summary>How long a registry may be silent in the middle of something.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pause before the second try; it doubles with each further one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);
}
