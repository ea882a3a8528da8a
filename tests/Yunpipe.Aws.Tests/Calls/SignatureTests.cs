using System.Text;
using Yunpipe.Aws.Calls;

namespace Yunpipe.Aws.Tests.Calls;

/// <summary>Examples of AWS's own test suite for signature version 4.</summary>
public sealed class SignatureTests
{
    private static readonly AwsKeys Keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
    private static readonly DateTimeOffset Then = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", null, "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("Param1=value1", "application/x-www-form-urlencoded", "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    public void A_request_is_signed_as_in_the_examples_of_AWS(string body, string? type, string signed, string signature)
    {
        IEnumerable<KeyValuePair<string, string>> headers = type is null ? [] : [new("content-type", type)];
        var made = Signature.Headers(Keys, "us-east-1", "service", "example.amazonaws.com", Encoding.UTF8.GetBytes(body), headers, Then).ToDictionary();
        made["authorization"].ShouldBe($"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}");
        made["x-amz-date"].ShouldBe("20150830T123600Z");
    }

    [Theory]
    [InlineData("nuclei-Dispatcher-1", "582e6b60a9c9bf511fb8e2e6816bae08e6124e1baed025790b103cf9ef5110ff")]
    [InlineData("arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Anuclei", "fc7f6627b0637e06f0392880037613024cf5c54b869ea18ee364be131a163d1f")]
    public void A_path_is_signed_as_botocore_signs_it(string function, string signature)
    {
        var made = Signature.Headers(Keys, "us-east-1", "service", "example.amazonaws.com", "{}"u8, [new("content-type", "application/json")], Then, $"/2015-03-31/functions/{function}/invocations").ToDictionary();
        made["authorization"].ShouldEndWith($"SignedHeaders=content-type;host;x-amz-date, Signature={signature}");
    }

    [Fact]
    public void A_roles_token_is_sent_and_signed()
    {
        var made = Signature.Headers(Keys with { Token = "token" }, "us-east-1", "ecs", "h", [], [], Then).ToDictionary();
        made["x-amz-security-token"].ShouldBe("token");
        made["authorization"].ShouldContain("SignedHeaders=host;x-amz-date;x-amz-security-token");
    }
}
