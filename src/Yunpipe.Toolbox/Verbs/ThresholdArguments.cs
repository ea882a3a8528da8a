using System.CommandLine;
using Yunpipe.Toolbox.Pixels;

namespace Yunpipe.Toolbox.Verbs;

/// <summary>The options by which <c>threshold</c> and <c>segment</c> say what is foreground.</summary>
internal sealed class ThresholdArguments
{
    private readonly Option<string> _method = Arguments.Choice("--method", "How the threshold is found.", "otsu", "fixed", "local");
    private readonly Option<double> _value = Arguments.Number("--value", 0, -1e30, 1e30, "fixed: values above it are foreground.");
    private readonly Option<double> _radius = Arguments.Number("--radius", 40, 1, 10_000, "local: how far the neighbourhood reaches, in pixels.");
    private readonly Option<double> _offset = Arguments.Number("--offset", 0.3, -100, 100,
        "local: how far above the neighbourhood's mean, in standard deviations of the image.");

    public void AddTo(Command command)
    {
        command.Add(_method);
        command.Add(_value);
        command.Add(_radius);
        command.Add(_offset);
    }

    public Foreground From(ParseResult parsed)
    {
        var method = parsed.GetValue(_method) switch
        {
            "fixed" => ThresholdMethod.Fixed,
            "local" => ThresholdMethod.Local,
            _ => ThresholdMethod.Otsu,
        };
        return new Foreground(method, parsed.GetValue(_value), parsed.GetValue(_radius), parsed.GetValue(_offset));
    }
}
