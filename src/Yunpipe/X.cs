namespace Yunpipe; public static class X { }
