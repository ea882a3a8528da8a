using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Yunpipe.Items;

namespace Yunpipe.Aws.Stores;

/// <summary>A directory: its version is made of the names and versions of its files, in whatever order they are met.</summary>
internal sealed class DirectoryCount(string path)
{
    private readonly byte[] _sum = new byte[16];
    private long _size;

    public string Path => path;

    public long Files { get; private set; }

    public void Add(S3Entry found, string at)
    {
        if (at.EndsWith('/')) return;
        Files++;
        _size += found.Size;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{at[path.Length..]}\0{found.ETag}\0{found.Size.ToString(CultureInfo.InvariantCulture)}"));
        for (var i = 0; i < _sum.Length; i++) _sum[i] ^= hash[i];
    }

    public SourceFile ToFile() => new(path, _size, string.Create(CultureInfo.InvariantCulture, $"{Files}-{_size}-{Convert.ToHexStringLower(_sum)}"), IsDirectory: true);
}
