namespace Yunpipe.Tests;
public class T { [Fact] public void True_is_true() => true.ShouldBeTrue(); }
