using System.Text;
using System.Text.Json;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;
using Yunpipe.Tests.Conformance;
using Yunpipe.Work;

namespace Yunpipe.Tests.Stores;

/// <summary>Two readers of one format: whatever the general one makes of a record, this one makes of it too.</summary>
public sealed class ManifestReaderTests
{
    [Fact]
    public void It_reads_what_the_general_reader_reads()
    {
        var random = new Random(3);
        for (var i = 0; i < 500; i++)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(Any(random), RecordJson.Default.Manifest);
            Written(ManifestReader.Read(json)).ShouldBe(Written(JsonSerializer.Deserialize(json, RecordJson.Default.Manifest)!));
            Written(ManifestReader.Read(json)).ShouldBe(Encoding.UTF8.GetString(json));
        }
    }

    [Fact]
    public void Everything_that_a_manifest_can_hold_is_among_what_is_compared()
    {
        var random = new Random(3);
        var all = string.Concat(Enumerable.Range(0, 500).Select(_ => Written(Any(random))));
        foreach (var type in (Type[])[typeof(Manifest), typeof(ManifestInput), typeof(ManifestOutput), typeof(AttemptRecord), typeof(ResourceUse)])
            foreach (var property in RecordJson.Default.GetTypeInfo(type)!.Properties.Where(property => property.Get is not null))
                all.ShouldContain($"\"{property.Name}\":", customMessage: $"{type.Name}.{property.Name}");
    }

    [Theory]
    [InlineData("nulls", """{"format":1,"job":"j","step":"s","key":"k","origin":"o","content":"c","algorithm":"a","image":null,"meta":{},"variables":{},"inputs":[{"name":"n","key":"k","version":"v","digest":null,"size":1}],"outputs":[{"port":"p","path":"x","size":1,"digest":"d","count":null}],"outputsOf":null,"attempts":[{"id":"t","started":1,"ended":2,"use":null,"cause":null,"exit":0,"sentence":null,"memoryLimit":null}],"missing":null}""")]
    [InlineData("keys of a newer version", """{"new":{"a":[1,{"b":2}]},"job":"j","step":"s","key":"k","origin":"o","content":"c","algorithm":"a","meta":{"x":"1"},"variables":{},"inputs":[{"name":"n","key":"k","version":"v","size":1,"more":[]}],"outputs":[],"attempts":[{"id":"t","started":1,"ended":2,"use":{"wall":1,"cpu":2,"peakMemory":3,"gpu":{}},"exit":0}],"last":true}""")]
    [InlineData("another order, and white space", """ { "attempts" : [ ] , "outputs" : [ ] , "inputs" : [ ] , "variables" : { } , "meta" : { "\u00fc" : "\ud83d\ude00" } , "algorithm":"a","content":"c","origin":"o","key":"k\n","step":"s","job":"j","order":7 } """)]
    public void It_takes_what_the_general_reader_takes(string what, string json)
    {
        what.ShouldNotBeEmpty();
        var bytes = Encoding.UTF8.GetBytes(json);
        Written(ManifestReader.Read(bytes)).ShouldBe(Written(JsonSerializer.Deserialize(bytes, RecordJson.Default.Manifest)!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"job":1}""")]
    [InlineData("""{"format":"one"}""")]
    [InlineData("""{"format":1.5}""")]
    [InlineData("""{"attempts":{}}""")]
    [InlineData("""{"inputs":[1]}""")]
    [InlineData("""{"meta":[]}""")]
    [InlineData("""{"job":"j","step":"s","key":"k","origin":"o","content":"c","algorithm":"a","meta":{},"variables":{},"inputs":[],"outputs":[]}""")]
    [InlineData("""{"job":"j","step":"s","key":"k","origin":"o","content":"c","algorithm":"a","meta":{},"variables":{},"inputs":[],"outputs":[],"attempts":[]} x""")]
    [InlineData("""{"job":"j","step":"s","key":"k","origin":"o","content":"c","algorithm":"a","meta":{},"variables":{},"inputs":[],"outputs":[],"attempts":[{"cause":"magic"}]}""")]
    public void What_is_no_manifest_is_refused_as_such(string json) => Should.Throw<JsonException>(() => ManifestReader.Read(Encoding.UTF8.GetBytes(json)));

    private static string Written(Manifest manifest) => JsonSerializer.Serialize(manifest, RecordJson.Default.Manifest);

    private static Manifest Any(Random random)
    {
        bool Maybe() => random.Next(2) == 0;
        string Text() => random.Next(4) switch { 0 => "", 1 => "ü \"quoted\" \\ \n\t", 2 => "\ud83d\ude00", _ => $"text {random.Next()}" };
        long Number() => random.Next(3) switch { 0 => 0, 1 => random.NextInt64(), _ => random.Next() };
        T[] Some<T>(Func<T> make) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => make())];
        Dictionary<string, string> Texts() => Some(Text).Distinct().ToDictionary(name => name, _ => Text());
        return new Manifest
        {
            Format = random.Next(1, 3), Job = Records.Id(Text()).ToString(), Step = Text(), Key = Text(), Origin = Text(), Content = Text(), Algorithm = Text(), Image = Maybe() ? Text() : null,
            Meta = Texts(), Variables = Texts(),
            Inputs = Some(() => new ManifestInput(Text(), Text(), Text(), Maybe() ? Text() : null, Number())),
            Outputs = Some(() => new ManifestOutput(Text(), Text(), Number(), Text(), Maybe() ? random.Next() : null)), OutputsOf = Maybe() ? Text() : null,
            Attempts = Some(() => new AttemptRecord(Text(), Number(), Number(), Maybe() ? new ResourceUse(random.NextDouble(), random.Next(), Number(), Maybe() ? Number() : null, Maybe() ? Number() : null) : null,
                Maybe() ? (Cause)random.Next(Enum.GetValues<Cause>().Length) : null, random.Next(256), Maybe() ? Text() : null, Maybe() ? Number() : null)),
            Missing = Maybe() ? Some(Text) : null, Order = Maybe() ? Number() : 0,
        };
    }
}
