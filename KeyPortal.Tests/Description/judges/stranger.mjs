// A client written from the document alone: it reads the document, makes every call in it, rightly and wrongly, and prints what turned out not to be so.
import { readFile } from 'node:fs/promises';
import { read } from './document.mjs';
import { Caller } from './caller.mjs';
import { bound } from './limits.mjs';
import { elsewhere, outOfReach } from './recipes.mjs';
import { refuse } from './refusals.mjs';
import { checkExamples, succeed } from './successes.mjs';
import { found, unprovoked, untruth } from './wire.mjs';

const isElsewhere = (operation) => elsewhere.includes(operation.id.replace(/Alias$/, ''));
const stage = JSON.parse(await readFile(process.argv[2]));
const operations = read(stage.document ?? (await (await fetch(`${stage.base}/openapi/v1.json`)).json()));
const walked = operations.filter((operation) => stage.only?.includes(operation.id) ?? !isElsewhere(operation));
operations.filter((operation) => isElsewhere(operation)).forEach(checkExamples);
const caller = new Caller(stage, operations);
await caller.settle();
for (const walk of [succeed, refuse, bound]) {
  for (const operation of walked) {
    try {
      await walk(caller, operation);
    } catch (error) {
      untruth(operation, error.stack);
    }
  }
}

for (const operation of walked) {
  // A caller without a credential is refused with 403 only for what it is, which this one cannot be: a person without a second factor, a browser far away.
  const missing = unprovoked(operation).filter((status) => !outOfReach.includes(status) && !(status === '403' && operation.security.length === 0));
  if (missing.length > 0) {
    untruth(operation, `nothing was answered with ${missing.join(', ')}, which the document names`);
  }
}

console.log(`${walked.length} operations, ${found.length} untruths`);
[...new Set(found)].forEach((line) => console.log(line));
process.exitCode = found.length === 0 ? 0 : 1;
