using System.Globalization;

namespace Yunpipe.Algorithms;

/// <summary>Numbers as canonical decimal text, exact: <c>1.50</c>, <c>+1.5</c> and <c>15e-1</c> are all <c>1.5</c>, so that equal values make equal jobs.
/// Never through floating point, which would change digits.</summary>
public static class NumberText
{
    private const int LongestText = 100;
    private const int LargestExponent = 400;
    private const int LongestPlain = 30;

    /// <summary>False for what is not a finite decimal number.</summary>
    public static bool TryCanonical(string text, out string canonical)
    {
        canonical = "";
        var rest = text.AsSpan().Trim();
        if (rest.Length is 0 or > LongestText) return false;
        var negative = rest[0] == '-';
        if (rest[0] is '+' or '-') rest = rest[1..];
        var exponent = 0;
        if (rest.IndexOfAny('e', 'E') is >= 0 and var e)
        {
            if (!int.TryParse(rest[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > LargestExponent) return false;
            rest = rest[..e];
        }
        var dot = rest.IndexOf('.');
        var whole = dot < 0 ? rest : rest[..dot];
        var fraction = dot < 0 ? default : rest[(dot + 1)..];
        if (whole.Length + fraction.Length == 0 || whole.IndexOfAnyExceptInRange('0', '9') >= 0 || fraction.IndexOfAnyExceptInRange('0', '9') >= 0) return false;

        // The value is 0.digits × 10^point.
        var digits = string.Concat(whole, fraction);
        var point = whole.Length + exponent;
        var zeros = digits.Length - digits.AsSpan().TrimStart('0').Length;
        digits = digits[zeros..].TrimEnd('0');
        point -= zeros;
        if (digits.Length == 0) { canonical = "0"; return true; }
        canonical = (negative ? "-" : "") + Write(digits, point);
        return true;
    }

    private static string Write(string digits, int point)
    {
        if (point > LongestPlain || point < -LongestPlain / 2)
            return $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(point - 1).ToString(CultureInfo.InvariantCulture)}";
        if (point <= 0) return "0." + new string('0', -point) + digits;
        return point >= digits.Length ? digits + new string('0', point - digits.Length) : digits[..point] + "." + digits[point..];
    }

    /// <summary>Compares canonical text with a bound; beyond the reach of <see cref="decimal"/> the sign decides.</summary>
    internal static int Compare(string canonical, decimal bound)
    {
        if (decimal.TryParse(canonical, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return number == 0 && canonical != "0" && bound == 0 ? (canonical[0] == '-' ? -1 : 1) : number.CompareTo(bound);
        return canonical[0] == '-' ? -1 : 1;
    }
}
