using System.Collections;
using Yunpipe.Agent;
using Yunpipe.Agent.Hand;
using Yunpipe.Images;
using Yunpipe.Work;

// The composition root of the agent. It never uses System.Diagnostics.Process: as process 1 that would reap children that are ours.
StaticLibc.ForgetImageModules();

var environment = new Dictionary<string, string>(StringComparer.Ordinal);
foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) environment[(string)entry.Key] = (string?)entry.Value ?? "";
var wrapped = environment.GetValueOrDefault(WrappedImage.Variable);
#if CLOUD
// A task definition says which deployment; a person who says “work” to a wrapped image means the algorithm.
if (args is ["work"] && (wrapped is null || environment.ContainsKey("YUNPIPE_DEPLOYMENT"))) return Yunpipe.Agent.Cloud.WorkMode.Run(environment);
#endif
foreach (var name in environment.Keys.Where(OwnVariables.Hides).ToList()) environment.Remove(name);

return args switch
{
    ["serve"] => new Serve(new AgentLines(0, 1), environment).Run(),
    ["--version"] when wrapped is null => HandWords.Print(Release.Line),
    _ => HandUse.Run(wrapped, args, environment),
};
