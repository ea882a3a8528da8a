using System.Text.Json;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

/// <summary>Reads a manifest as <see cref="RecordJson"/> does, in a third of the time: a run that goes on reads one for every job that is done, and the general
/// reader boxes every value of types that can only be constructed.</summary>
internal ref struct ManifestReader
{
    private delegate T Element<out T>(ref ManifestReader reader);

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private Utf8JsonReader _json;

    /// <exception cref="JsonException">The text is no manifest.</exception>
    public static Manifest Read(ReadOnlySpan<byte> json)
    {
        var reader = new ManifestReader { _json = new Utf8JsonReader(json) };
        try
        {
            reader._json.Read();
            var manifest = reader.Manifest();
            reader._json.Read();
            return manifest;
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException)
        {
            throw new JsonException($"A manifest holds a value of another kind: {error.Message}", error);
        }
    }

    private Manifest Manifest()
    {
        var (format, order) = (1, 0L);
        string? job = null, step = null, key = null, origin = null, content = null, algorithm = null, image = null, outputsOf = null;
        IReadOnlyDictionary<string, string>? meta = null, variables = null;
        IReadOnlyList<ManifestInput>? inputs = null;
        IReadOnlyList<ManifestOutput>? outputs = null;
        IReadOnlyList<AttemptRecord>? attempts = null;
        IReadOnlyList<string>? missing = null;
        Begin(JsonTokenType.StartObject);
        while (Next())
            if (Is("format"u8)) format = _json.GetInt32();
            else if (Is("job"u8)) job = _json.GetString();
            else if (Is("step"u8)) step = _json.GetString();
            else if (Is("key"u8)) key = _json.GetString();
            else if (Is("origin"u8)) origin = _json.GetString();
            else if (Is("content"u8)) content = _json.GetString();
            else if (Is("algorithm"u8)) algorithm = _json.GetString();
            else if (Is("image"u8)) image = _json.GetString();
            else if (Is("meta"u8)) meta = Texts();
            else if (Is("variables"u8)) variables = Texts();
            else if (Is("inputs"u8)) inputs = List(static (ref reader) => reader.Input());
            else if (Is("outputs"u8)) outputs = List(static (ref reader) => reader.Output());
            else if (Is("outputsOf"u8)) outputsOf = _json.GetString();
            else if (Is("attempts"u8)) attempts = List(static (ref reader) => reader.Attempt());
            else if (Is("missing"u8)) missing = List(static (ref reader) => reader._json.GetString()!);
            else if (Is("order"u8)) order = _json.GetInt64();
            else Pass();
        return new Manifest
        {
            Format = format, Job = Needed(job), Step = Needed(step), Key = Needed(key), Origin = Needed(origin), Content = Needed(content), Algorithm = Needed(algorithm), Image = image,
            Meta = Needed(meta), Variables = Needed(variables), Inputs = Needed(inputs), Outputs = Needed(outputs), OutputsOf = outputsOf, Attempts = Needed(attempts),
            Missing = missing, Order = order,
        };
    }

    private ManifestInput Input()
    {
        string? name = null, key = null, version = null, digest = null;
        var size = 0L;
        Begin(JsonTokenType.StartObject);
        while (Next())
            if (Is("name"u8)) name = _json.GetString();
            else if (Is("key"u8)) key = _json.GetString();
            else if (Is("version"u8)) version = _json.GetString();
            else if (Is("digest"u8)) digest = _json.GetString();
            else if (Is("size"u8)) size = _json.GetInt64();
            else Pass();
        return new ManifestInput(name!, key!, version!, digest, size);
    }

    private ManifestOutput Output()
    {
        string? port = null, path = null, digest = null;
        var size = 0L;
        int? count = null;
        Begin(JsonTokenType.StartObject);
        while (Next())
            if (Is("port"u8)) port = _json.GetString();
            else if (Is("path"u8)) path = _json.GetString();
            else if (Is("size"u8)) size = _json.GetInt64();
            else if (Is("digest"u8)) digest = _json.GetString();
            else if (Is("count"u8)) count = IsNull ? null : _json.GetInt32();
            else Pass();
        return new ManifestOutput(port!, path!, size, digest!, count);
    }

    private AttemptRecord Attempt()
    {
        string? id = null, sentence = null;
        long started = 0, ended = 0;
        long? memoryLimit = null;
        var exit = 0;
        ResourceUse? use = null;
        Cause? cause = null;
        Begin(JsonTokenType.StartObject);
        while (Next())
            if (Is("id"u8)) id = _json.GetString();
            else if (Is("started"u8)) started = _json.GetInt64();
            else if (Is("ended"u8)) ended = _json.GetInt64();
            else if (Is("use"u8)) use = IsNull ? null : Use();
            else if (Is("cause"u8)) cause = IsNull ? null : JsonSerializer.Deserialize(ref _json, RecordJson.Default.Cause);
            else if (Is("exit"u8)) exit = _json.GetInt32();
            else if (Is("sentence"u8)) sentence = _json.GetString();
            else if (Is("memoryLimit"u8)) memoryLimit = IsNull ? null : _json.GetInt64();
            else Pass();
        return new AttemptRecord(id!, started, ended, use, cause, exit, sentence, memoryLimit);
    }

    private ResourceUse Use()
    {
        double wall = 0, cpu = 0;
        var peakMemory = 0L;
        long? read = null, written = null;
        Begin(JsonTokenType.StartObject);
        while (Next())
            if (Is("wall"u8)) wall = _json.GetDouble();
            else if (Is("cpu"u8)) cpu = _json.GetDouble();
            else if (Is("peakMemory"u8)) peakMemory = _json.GetInt64();
            else if (Is("read"u8)) read = IsNull ? null : _json.GetInt64();
            else if (Is("written"u8)) written = IsNull ? null : _json.GetInt64();
            else Pass();
        return new ResourceUse(wall, cpu, peakMemory, read, written);
    }

    private readonly bool IsNull => _json.TokenType == JsonTokenType.Null;

    /// <summary>Goes to the next name of the object; false at its end.</summary>
    private bool Next() => _json.Read() && _json.TokenType == JsonTokenType.PropertyName;

    /// <summary>Where the name is this one, goes to its value.</summary>
    private bool Is(ReadOnlySpan<byte> name) => _json.ValueTextEquals(name) && _json.Read();

    /// <summary>Leaves out a value that a newer version may have added.</summary>
    private void Pass() => _json.Skip();

    private readonly void Begin(JsonTokenType token)
    {
        if (_json.TokenType != token) throw new JsonException($"A manifest has {_json.TokenType} where {token} belongs.");
    }

    private List<T>? List<T>(Element<T> element)
    {
        if (IsNull) return null;
        Begin(JsonTokenType.StartArray);
        var list = new List<T>(1);
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray) list.Add(element(ref this));
        return list;
    }

    private IReadOnlyDictionary<string, string> Texts()
    {
        Begin(JsonTokenType.StartObject);
        Dictionary<string, string>? texts = null;
        while (Next())
        {
            var name = _json.GetString()!;
            _json.Read();
            (texts ??= new(StringComparer.Ordinal))[name] = _json.GetString()!;
        }
        return texts ?? Nothing;
    }

    private static T Needed<T>(T? value) where T : class => value ?? throw new JsonException("A manifest lacks a value.");
}
