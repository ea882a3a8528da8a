namespace Yunpipe.Local; public static class X { }
