using System.Collections;
using Yunpipe.Cli;
using Yunpipe.Cli.Commands;
using Yunpipe.Cli.Console;

var environment = new Dictionary<string, string>(StringComparer.Ordinal);
foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) environment[(string)entry.Key] = (string?)entry.Value ?? "";

using var interrupts = new Interrupts();
return await Root.Invoke(new CliContext(Terminal.OfProcess(environment), environment, AppContext.BaseDirectory, TimeProvider.System, interrupts), args);
