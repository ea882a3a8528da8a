using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms;

public class BadDocumentsTests
{
    private static readonly string Folder = Path.Combine(Golden.Root, "tests/Yunpipe.Tests/Algorithms/Bad");

    [Fact]
    public void Every_bad_document_is_told_all_its_problems_with_places()
    {
        var text = new StringBuilder();
        foreach (var file in Directory.GetFiles(Folder).Order(StringComparer.Ordinal))
        {
            var document = DocumentReader.Read(File.ReadAllBytes(file), Path.GetFileName(file));
            var problems = AlgorithmReader.Read(document, Path.GetFileName(file), Folder).Problems;
            problems.ShouldNotBeEmpty(file);
            text.AppendJoin('\n', problems).Append("\n\n");
        }
        Golden.Check("Algorithms/problems.txt", text.ToString());
    }
}
