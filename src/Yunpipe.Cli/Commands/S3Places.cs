using System.CommandLine;
using System.Text;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Stores;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Local.Runs;

namespace Yunpipe.Cli.Commands;

/// <summary>How buckets that others own are read; added to commands that take <c>s3://</c> places.</summary>
internal sealed class S3Options
{
    public Option<bool> NoSign { get; } = new("--no-sign-request") { Description = "Read a public bucket without credentials." };
    public Option<bool> Payer { get; } = new("--request-payer") { Description = "Pay for requests and traffic of a bucket whose owner asks that of its readers." };

    public IReadOnlyList<Option> All => [NoSign, Payer];
}

/// <summary>Opens <c>s3://</c> places from the command line, and holds the connection to them.</summary>
internal sealed class S3Places : IDisposable
{
    private readonly CliContext _context;
    private readonly S3Transfer _transfer = new(new S3Limits());

    public S3Places(CliContext context)
    {
        _context = context;
        AwsConnection.AllowRoles();
        AwsConnection.AllowSignOn();
        Connection = new AwsConnection(context.Environment);
    }

    public AwsConnection Connection { get; }

    public Reading<S3Location> Location(string place, bool noSign, bool payer)
    {
        var address = S3Address.Read(place);
        return address.Value is { Address: var at } ? Opened(() => new S3Location(new S3Bucket(Connection.S3(noSign), at.Bucket, payer), at.Prefix, _transfer)) : new(null, address.Problems);
    }

    /// <summary>The images of a workflow, in a folder or in a bucket; null for places where only folders are named.</summary>
    public static Reading<InputFolder> Images(S3Places? places, WorkflowFile file, bool noSign, bool payer)
    {
        if (places is null || !S3Address.Names(file.Input)) return InputFolder.Open(file.Plan.Workflow, file.Input!);
        var location = places.Location(file.Input!, noSign, payer);
        return location.Value is { } images ? InputFolder.Open(file.Plan.Workflow, images) : new(null, location.Problems);
    }

    /// <summary>A store of its own below a prefix.</summary>
    /// <param name="isResult">Which steps have a view.</param>
    public Reading<S3Store> Store(string place, Func<string, bool> isResult)
    {
        var address = S3Address.Read(place);
        if (address.Value is not { Address: var at }) return new(null, address.Problems);
        return Opened(() =>
        {
            var bucket = new S3Bucket(Connection.S3(), at.Bucket);
            return new S3Store(new S3StoreSettings(bucket, S3Layout.Below(at.Prefix), bucket, at.Prefix, isResult, (_, _, _) => []), _transfer);
        });
    }

    /// <summary>Without a region nothing can be asked, and that is a problem like any other.</summary>
    private static Reading<T> Opened<T>(Func<T> open) where T : class
    {
        try
        {
            return new(open(), []);
        }
        catch (YunpipeException error)
        {
            return new(null, [error.Problem]);
        }
    }

    /// <summary>What a bucket, or the way to it, refuses.</summary>
    public static Problem Unreadable(Exception error) => new("YP6040", $"The images cannot be listed: {error.Message.TrimEnd('.')}.");

    /// <summary>A folder of this machine for what is under way, the same for the same places, so that one run at a time holds it.</summary>
    public string Scratch(params string?[] places)
    {
        var cache = _context.Environment.GetValueOrDefault("XDG_CACHE_HOME") is { Length: > 0 } own ? own
            : Path.Combine(_context.Environment.GetValueOrDefault("HOME") is { Length: > 0 } home ? home : Path.GetTempPath(), ".cache");
        return Path.Combine(cache, "yunpipe", Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', places))).Hex[..16]);
    }

    public void Dispose()
    {
        Connection.Dispose();
        _transfer.Dispose();
    }
}
