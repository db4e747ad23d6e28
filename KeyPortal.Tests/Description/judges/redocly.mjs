// Redocly's recommended rules on one file; every problem counts, warnings too.
import core from '@redocly/openapi-core';

const config = await core.createConfig({ extends: ['recommended'] });
const problems = (await core.lint({ ref: process.argv[2], config }))
  // The public keys of tokens are there for everybody, without a parameter: nothing about such a request can be the client's fault.
  .filter(({ ruleId, location }) => !(ruleId === 'operation-4xx-response' && location[0].pointer?.startsWith('#/paths/~1.well-known~1jwks.json/')));
problems.forEach(({ severity, ruleId, location, message }) => console.log(severity, ruleId, location[0].pointer, message));
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
