// Checks with ajv, a validator that is not ours: the schemas themselves, every descriptor and workflow of the repository,
// and that bad documents are refused. Ends with 1 if anything is not as it should be.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv2020 from "ajv/dist/2020.js";
import { parse } from "yaml";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
let wrong = 0;

function complain(sentence) {
  console.error(sentence);
  wrong++;
}

function compile(kind) {
  const path = join(root, "schema", `${kind}.schema.json`);
  if (!existsSync(path)) return null;
  try {
    return ajv.compile(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    complain(`schema/${kind}.schema.json is no valid schema: ${error.message}`);
    return null;
  }
}

function* documents(folder) {
  if (!existsSync(join(root, folder))) return;
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = join(folder, name);
    if (["node_modules", "bin", "obj"].includes(name) || name.endsWith(".schema.json")) continue;
    if (statSync(join(root, path)).isDirectory()) yield* documents(path);
    else if (/\.(ya?ml|json)$/.test(name)) yield path;
  }
}

const read = (path) => parse(readFileSync(join(root, path), "utf8"));
const tell = (errors) => errors.slice(0, 3).map((error) => `${error.instancePath || "/"} ${error.message}`).join("; ");
const validators = { algorithm: compile("algorithm"), workflow: compile("workflow") };

let good = 0;
for (const folder of ["catalogue", "samples", "src/Yunpipe.Toolbox", "tests/Yunpipe.Tests/Golden/Algorithms", "tests/Yunpipe.Tests/Golden/workflows"])
  for (const path of documents(folder)) {
    const document = read(path);
    const kind = document?.command ? "algorithm" : document?.steps ? "workflow" : null;
    const validate = kind && validators[kind];
    if (!validate) continue;
    good++;
    if (!validate(document)) complain(`${relative(root, join(root, path))} is refused: ${tell(validate.errors)}`);
  }
if (good < 8) complain(`Only ${good} documents were found; the folders have moved.`);

// What a schema can know; the rest only the reader tells.
const refused = ["comma.yaml", "command.yaml", "empty-command.yaml", "keys.yaml", "kinds.yaml", "memory.yaml", "missing.yaml", "names.yaml", "resources.yaml", "rules.yaml", "text.yaml", "variables.yaml"];
for (const name of refused)
  if (validators.algorithm?.(read(join("tests/Yunpipe.Tests/Algorithms/Bad", name)))) complain(`Bad/${name} is accepted.`);

const refusedWorkflows = [
  {}, { steps: [] }, { steps: {} }, { steps: [{}] }, { steps: ["blur"], inputt: "x" }, { steps: [{ algorithm: "blur", gather: { bye: "x" } }] },
  { steps: [{ algorithm: "blur", matrix: { sigma: 1 } }] }, { steps: [{ algorithm: "blur", batch: 0 }] }, { steps: ["blur"], tolerate: "some" },
  { steps: [{ algorithm: "blur", from: "a.b.c" }] }, { steps: ["blur"], input: { kind: "folder" } }, { steps: ["blur"], input: { item: { key: "x" } } },
];
for (const workflow of refusedWorkflows)
  if (validators.workflow?.(workflow)) complain(`The workflow ${JSON.stringify(workflow)} is accepted.`);

if (wrong === 0) console.log(`${good} documents are valid, ${refused.length + refusedWorkflows.length} bad ones are refused.`);
process.exitCode = wrong === 0 ? 0 : 1;
