namespace Yunpipe.EndToEnd.Samples;

/// <summary>The catalogue's own tests, for those programs that Debian has.</summary>
public sealed class CatalogueTests
{
    [Theory, InlineData("imagemagick-convert.yaml", "convert"), InlineData("vips-thumbnail.yaml", "vips")]
    public void Descriptors_of_programs_in_Debian_pass_their_own_tests(string descriptor, string program)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))
            Assert.Skip($"The program {program} is not installed.");
        Shell.Do("yunpipe", Tests.Golden.Root, "algorithm", "test", Path.Combine("catalogue", descriptor));
    }
}
