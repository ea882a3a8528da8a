using System.Text;

namespace Yunpipe.Images.Registries;

/// <summary>What is known to log in with: a name and a password, or an identity token that is changed for others (OAuth 2 refresh token).</summary>
/// <param name="From">Where it was found, for messages.</param>
internal sealed record Login(string User, string Password, string? IdentityToken, string From)
{
    /// <summary>What a credential helper writes for a name when the secret is an identity token.</summary>
    public const string TokenUser = "<token>";

    public string Basic => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

    /// <summary>A secret never gets into a message by accident.</summary>
    public override string ToString() => $"login of {User} from {From}";
}
