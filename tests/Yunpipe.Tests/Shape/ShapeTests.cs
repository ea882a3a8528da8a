using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Yunpipe.Tests.Shape;

/// <summary>The house rules that no compiler holds (design.md §4 and §6).</summary>
public sealed partial class ShapeTests
{
    private static readonly string Root = Golden.Root;

    /// <summary>Dependencies point one way; a project that is not named here has no business with the others.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Yunpipe"] = [],
        ["Yunpipe.Local"] = ["Yunpipe"],
        ["Yunpipe.Aws"] = ["Yunpipe"],
        ["Yunpipe.Agent"] = ["Yunpipe", "Yunpipe.Aws"],
        ["Yunpipe.Dispatcher"] = ["Yunpipe", "Yunpipe.Aws"],
        ["Yunpipe.Toolbox"] = [],
        ["Yunpipe.Cli"] = ["Yunpipe", "Yunpipe.Local", "Yunpipe.Aws"],
    };

    /// <summary>What the engine may bring along: a YAML parser, and analyzers that leave nothing behind.</summary>
    private static readonly string[] EnginePackages = ["YamlDotNet", "Microsoft.Extensions.Logging.Abstractions"];

    private static IEnumerable<string> Sources(params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/"));

    [Fact]
    public void Projects_depend_on_each_other_only_along_the_arrows()
    {
        var wrong = new List<string>();
        foreach (var project in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            var name = Path.GetFileNameWithoutExtension(project);
            var references = XDocument.Load(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
            wrong.AddRange(references.Where(reference => !Arrows.GetValueOrDefault(name, []).Contains(reference)).Select(reference => $"{name} → {reference}"));
        }
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void The_engine_brings_a_yaml_parser_and_nothing_else() =>
        XDocument.Load(Path.Combine(Root, "src/Yunpipe/Yunpipe.csproj")).Descendants("PackageReference").Select(package => package.Attribute("Include")!.Value).Except(EnginePackages).ShouldBeEmpty();

    [Fact]
    public void Only_the_aws_project_sees_the_aws_sdk() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(project => File.ReadAllText(project).Contains("AWSSDK") && Path.GetFileNameWithoutExtension(project) != "Yunpipe.Aws").ShouldBeEmpty();

    [Fact]
    public void No_file_is_longer_than_400_lines() =>
        Sources("src", "tests").Append(Path.Combine(Root, "build.cs")).Select(file => (File: Path.GetRelativePath(Root, file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > 400).ShouldBeEmpty();

    [Fact]
    public void No_type_is_called_a_manager_a_helper_or_the_like() =>
        Sources("src").SelectMany(file => TypeName().Matches(File.ReadAllText(file)).Select(match => $"{match.Groups[1].Value} in {Path.GetFileName(file)}"))
            .Where(name => BadName().IsMatch(name.Split(' ')[0])).ShouldBeEmpty();

    [Fact]
    public void Every_package_has_one_exact_version()
    {
        var versions = XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion").Select(package => package.Attribute("Version")!.Value).ToList();
        versions.Count.ShouldBeGreaterThan(5);
        versions.ShouldAllBe(version => Regex.IsMatch(version, @"^\[\d[^,\]]*\]$"));
        Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories).Where(project => File.ReadAllText(project).Contains("<PackageReference") && Regex.IsMatch(File.ReadAllText(project), "<PackageReference[^>]* Version=")).ShouldBeEmpty();
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).ShouldAllBe(project => File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")));
    }

    [Fact]
    public void The_root_holds_at_most_15_files() => Directory.EnumerateFiles(Root).Count().ShouldBeLessThanOrEqualTo(15);

    [Fact]
    public void Interfaces_are_few() => Sources("src").SelectMany(file => Interface().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).Order()
        .ShouldBe(["ILauncher", "ILocation", "IQueue", "IStore"]);

    [Fact]
    public void Nothing_is_left_for_later() => Sources("src", "tests").Where(file => !file.EndsWith("ShapeTests.cs", StringComparison.Ordinal))
        .Where(file => Later().IsMatch(File.ReadAllText(file))).ShouldBeEmpty();

    [Fact]
    public void Every_code_of_a_problem_is_explained_and_nothing_else_is()
    {
        var used = Sources("src").SelectMany(file => Code().Matches(File.ReadAllText(file)).Select(match => match.Value.Trim('"'))).ToHashSet();
        var told = File.ReadLines(Path.Combine(Root, "docs/reference/problems.md")).Where(line => line.StartsWith("| YP")).Select(line => line[2..8]).ToList();
        told.ShouldBeUnique();
        used.Except(told).Order().ShouldBeEmpty();
        told.Except(used).Order().ShouldBeEmpty();
    }

    [Fact]
    public void Every_call_into_libc_is_linked_into_the_static_agent()
    {
        var called = Sources("src/Yunpipe", "src/Yunpipe.Agent").SelectMany(file => Libc().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value.Length > 0 ? match.Groups[1].Value : match.Groups[2].Value).Distinct().Order(StringComparer.Ordinal).ToList();
        var linked = XDocument.Load(Path.Combine(Root, "src/Yunpipe.Agent/Yunpipe.Agent.csproj")).Descendants("DirectPInvoke").Select(call => call.Attribute("Include")!.Value);
        called.Count.ShouldBeGreaterThan(30);
        linked.ShouldBe(called.Select(name => "libc!" + name), ignoreOrder: true);
    }

    [GeneratedRegex("""\[LibraryImport\("libc"(?:, [A-Za-z]+ = [A-Za-z0-9_.]+)*?(?:, EntryPoint = "(\w+)")?(?:, [A-Za-z]+ = [A-Za-z0-9_.]+)*\)\]\s+private static partial [\w*]+ (\w+)\(""")]
    private static partial Regex Libc();

    [GeneratedRegex("\"YP[0-9]{4}\"")]
    private static partial Regex Code();

    [GeneratedRegex(@"\b(?:class|record|struct|enum|interface)\s+(?:struct\s+|class\s+)?([A-Z]\w*)")]
    private static partial Regex TypeName();

    [GeneratedRegex("(Manager|Helper|Helpers|Util|Utils|Utility|Common|Base|Impl|Info)$")]
    private static partial Regex BadName();

    [GeneratedRegex(@"\binterface\s+(I[A-Z]\w*)")]
    private static partial Regex Interface();

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|catch\s*(\([^)]*\))?\s*\{\s*\}|Skip\s*=\s*""")]
    private static partial Regex Later();
}
