using System.Collections;
using System.CommandLine;
using Yunpipe.Cli;
using Yunpipe.Cli.Commands;
using Yunpipe.Cli.Console;

var environment = new Dictionary<string, string>(StringComparer.Ordinal);
foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) environment[(string)entry.Key] = (string?)entry.Value ?? "";

using var interrupts = new Interrupts();
var context = new CliContext(Terminal.OfProcess(environment), environment, AppContext.BaseDirectory, TimeProvider.System, interrupts);
return await Root.Create(context).Parse(args).InvokeAsync(new InvocationConfiguration
{
    Output = context.Terminal.Out,
    Error = context.Terminal.Error,
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = null,
});
