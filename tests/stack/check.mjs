// Reads every golden template with AWS's own offline validator and fails on anything at WARN or above.
// Its warnings are not advice: a value that an enumeration does not have is only a WARN there.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { RegoEngine, TemplateFile } from "@aws/cloudformation-validate";

const golden = join(dirname(fileURLToPath(import.meta.url)), "../Yunpipe.Aws.Tests/Golden");
const templates = readdirSync(golden).filter(name => name.startsWith("stack-") && name.endsWith(".json"));
const engine = new RegoEngine();
let findings = 0;
for (const name of templates) {
  const seen = engine.validateStandard(new TemplateFile(join(golden, name))).diagnostics;
  if (seen.length === 0) { console.error(`${name}: the validator said nothing at all`); findings++; }
  for (const finding of seen.filter(each => !["INFO", "DEBUG"].includes(each.severity))) {
    findings++;
    console.error(`${name}:${finding.startLine}: [${finding.severity}] ${finding.ruleId} ${finding.message}`);
  }
}
engine.free();
console.log(`${templates.length} templates, ${findings} findings.`);
process.exit(templates.length >= 3 && findings === 0 ? 0 : 1);
