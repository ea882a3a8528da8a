using Yunpipe.Toolbox;

// RS0030: Program.cs is where an executable meets the console and the environment; everything below it gets writers and values.
#pragma warning disable RS0030
var threads = int.TryParse(Environment.GetEnvironmentVariable("VIPS_CONCURRENCY"), out var asked) && asked > 0 ? asked : 1;
Vips.Configure(threads);
return Toolbox.Run(args, Console.Out, Console.Error, Console.OpenStandardInput());
#pragma warning restore RS0030
