using Yunpipe.Documents;

namespace Yunpipe.Images;

/// <summary>What a place of images says when it cannot go on: one sentence with a code. An <see cref="IOException"/>, since it comes out of streams too.</summary>
public sealed class ImageException(Problem problem, Exception? inner = null) : IOException(problem.ToString(), inner)
{
    public ImageException(string code, string message, string? advice = null, Exception? inner = null) : this(new Problem(code, message, null, advice), inner)
    {
    }

    public Problem Problem { get; } = problem;
}
