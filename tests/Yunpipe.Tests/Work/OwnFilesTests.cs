using Yunpipe.Algorithms;
using Yunpipe.Work;

namespace Yunpipe.Tests.Work;

public sealed class OwnFilesTests
{
    [Fact]
    public void A_word_of_the_command_that_names_a_listed_file_becomes_its_path_and_nothing_else_does()
    {
        var algorithm = AlgorithmReader.Read("{name: count, command: [python3, ./count.py, --config=parts/a.json, parts/a.json, '${image}', other.py, '$$x.py'], inputs: [image], files: [count.py, ./parts/a.json, '$x.py']}",
            "count.yaml", "/lab").ShouldBeRead();
        OwnFiles.InPlace(algorithm, path => "/inside" + path).Command.Expand(_ => CommandValue.Of("/in/a.tif"))
            .ShouldBe(["python3", "/inside/lab/count.py", "--config=parts/a.json", "/inside/lab/parts/a.json", "/in/a.tif", "other.py", "/inside/lab/$x.py"]);
    }
}
