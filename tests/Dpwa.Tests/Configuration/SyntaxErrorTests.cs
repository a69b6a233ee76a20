namespace Dpwa.Tests.Configuration;

public class SyntaxErrorTests
{
    [Theory]
    [InlineData("nodes: [{name: w1", "line 2, column 1: this is not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'")]
    [InlineData("a: 1\n b: 2",
        "line 2, column 3: this is not valid YAML: while scanning a plain scalar value, found invalid mapping; "
        + "is the indentation right, or does a text with ': ' need quotes?")]
    [InlineData("nodes:\n  - a\n - b", "line 3, column 2: this is not valid YAML: while parsing a block mapping, did not find expected key; is the indentation right?")]
    [InlineData("nodes: @x",
        "line 1, column 8: this is not valid YAML: while scanning for the next token, found character that cannot start any token; "
        + "a text that begins with it needs quotes")]
    [InlineData("nodes:\n  - a\nclock:\n\tb: 1", "line 4, column 1: YAML does not allow tabs in the indentation; use spaces")]
    [InlineData("nodes: 'x", "line 1, column 8: this is not valid YAML: while scanning a quoted scalar, found unexpected end of stream")]
    [InlineData("---\nnodes: []\n---\nnodes: []", "line 3, column 1: a second document begins here; a configuration is only one")]
    [InlineData("nodes: *none", "line 1, column 8: no anchor '&none' stands before this alias")]
    [InlineData("nodes: &a [*a]", "line 1, column 12: the alias '*a' stands inside what it refers to")]
    [InlineData("nodes: !include x", "line 1, column 8: the tag '!include' means nothing in a configuration; leave it out")]
    [InlineData("<<: 1", "line 1, column 5: '<<' merges a map or a list of maps, but this is the number 1")]
    [InlineData("seed: 1\n\0timeout_ms: 0", "line 2, column 1: this is not text: it holds a NUL character")]
    [InlineData("hello", "line 1, column 1: a configuration is a map of keys or a list of one-key maps, but this is the text 'hello'")]
    [InlineData("", "line 1, column 1: the configuration is empty; it needs at least nodes")]
    [InlineData("# only a comment\n---\n", "line 1, column 1: the configuration is empty; it needs at least nodes")]
    public void Is_explained(string yaml, string error) => Assert.Equal(error, Configs.ErrorOf(yaml));
}
