using System.Security.Cryptography;
using System.Text;

namespace Yunpipe.Aws.Stack;

/// <summary>A step's name as the beginning of logical ids, which hold letters and digits only: <c>denoise_er</c> is <c>DenoiseEr</c>.
/// A name that is changed by more than its first letter gets four digits of its hash, so that no two steps meet.</summary>
internal static class StepIds
{
    public static string Of(string step)
    {
        var id = new StringBuilder();
        var upper = true;
        foreach (var c in step)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                upper = true;
                continue;
            }
            id.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }
        var plain = step.All(char.IsAsciiLetterOrDigit) && step.Length > 0 && char.IsAsciiLetterLower(step[0]);
        return plain ? $"Step{id}" : $"Step{id}{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(step)).AsSpan(0, 2))}";
    }
}
