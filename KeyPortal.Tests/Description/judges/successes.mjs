// Every operation with every example, every way to authenticate and every parameter: all of it must work.
import { encode } from './caller.mjs';
import { parameters } from './recipes.mjs';
import { judge, send, untruth } from './wire.mjs';

export async function succeed(caller, operation) {
  checkExamples(operation);
  const examples = operation.body?.examples ?? [];
  const bodies = (await caller.recipe(operation).bodies?.(caller, examples)) ?? (operation.body ? examples : [undefined]);
  for (const [i, body] of bodies.entries()) {
    for (const alternative of i === 0 && operation.security.length > 0 ? operation.security : [operation.security[0] ?? []]) {
      await kept(caller, operation, async () => judge(operation, `the example ${JSON.stringify(body)} with ${alternative.join(' and ') || 'no credential'}`,
        await ask(caller, operation, { body, alternative }), '2xx'));
    }
  }

  if (operation.body?.required === false) {
    judge(operation, 'a call without the optional body', await ask(caller, operation, {}), '2xx');
  }

  for (const parameter of operation.parameters.filter((p) => p.in !== 'path')) {
    await tryParameter(caller, operation, parameter, bodies[0]);
  }
}

export function checkExamples(operation) {
  const say = (what) => untruth(operation, what);
  if (operation.body?.examples.length === 0) {
    say('the body has no example. Add one to its schema');
  }

  for (const example of operation.body?.examples ?? []) {
    operation.body.errors(example).forEach((error) => say(`the body's example ${JSON.stringify(example)} breaks its schema: ${error}`));
  }

  for (const [status, response] of Object.entries(operation.responses)) {
    for (const content of Object.values(response.contents)) {
      if (content.examples.length === 0) {
        say(`the answer ${status} has no example. Add one to its schema`);
      }

      content.examples.forEach((example) => content.errors(example).forEach((error) => say(`the example of the answer ${status} breaks its schema: ${error}`)));
    }
  }
}

async function ask(caller, operation, { body, alternative, query, headers, id }) {
  return send(caller.stage.base, operation, {
    id: id ?? (await caller.target(operation)), query, headers: { ...(await caller.credential(operation, alternative)), ...headers }, body: encode(operation, body),
  });
}

/** What one call replaces for all the others is put back. */
export async function kept(caller, operation, act) {
  const reader = operation.method === 'PUT' && !operation.path.includes('{id}') && caller.operations.find((other) => other.method === 'GET' && other.path === operation.path);
  const before = reader && (await caller.demand(reader.id));
  await act();
  if (before) {
    await caller.demand(operation.id, { body: before });
  }
}

async function tryParameter(caller, operation, parameter, body) {
  const id = await caller.target(operation);
  const known = parameters[parameter.name];
  const values = known ? [await known(caller, operation, id)]
    : parameter.example !== undefined ? [parameter.example]
    : (parameter.schema.enum ?? (parameter.schema.default !== undefined ? [parameter.schema.default] : []));
  if (values.length === 0) {
    untruth(operation, `the parameter ${parameter.name} has no example. Add one to document.json, or a value to judges/recipes.mjs`);
  }

  for (const value of values) {
    const call = () => ask(caller, operation, parameter.in === 'query' ? { id, body, query: { [parameter.name]: value } } : { id, body, headers: { [parameter.name]: value } });
    await kept(caller, operation, async () => {
      const answer = judge(operation, `${parameter.name}=${value}`, await call(), parameter.name === 'If-None-Match' ? 304 : '2xx');
      if (parameter.name === 'Idempotency-Key') {
        const again = judge(operation, 'the same call again under its Idempotency-Key', await call(), answer.status);
        if (again.headers.get('idempotent-replayed') !== 'true' || again.json?.id !== answer.json?.id) {
          untruth(operation, `a repeat was answered with ${again.text}`);
        }
      }
    });
  }
}
