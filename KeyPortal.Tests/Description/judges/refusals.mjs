// Everything that can be done wrong with any operation, each answered as the document says.
import { encode } from './caller.mjs';
import { judge, send, untruth } from './wire.mjs';

const broken = [400, 422];
const huge = 'x'.repeat(5 * 1024 * 1024);

export async function refuse(caller, operation) {
  const id = await caller.target(operation);
  const example = operation.body?.examples[0];
  const headers = operation.security.length > 0 ? await caller.credential(operation) : {};
  const attempt = async (what, change, ...expected) =>
    judge(operation, what, await send(caller.stage.base, operation, { id, headers, body: encode(operation, example), ...change }), ...expected);

  await refuseCallers(caller, operation, attempt);
  if (id !== undefined) {
    await attempt('an unknown id', { id: 'key_01m7yv349n6j63e140117m1c3r' }, 404);
  }

  if (operation.parameters.some((parameter) => parameter.name === 'If-Match')) {
    await attempt('a stale If-Match', { headers: { ...headers, 'if-match': '"0"' } }, 412);
  }

  for (const parameter of operation.parameters) {
    await refuseParameter(operation, parameter, headers, attempt);
  }

  if (operation.body) {
    await refuseBodies(operation, example, attempt);
  }
}

async function refuseCallers(caller, operation, attempt) {
  const { powerless, several, manager } = caller.stage;
  const schemes = operation.security.flat();
  if (schemes.length === 0) {
    return;
  }

  await attempt('no credential', { headers: {} }, 401);
  await attempt('two credentials', { headers: { authorization: `Bearer ${powerless}`, 'x-api-key': manager } }, 400, 401);
  await attempt('a key without any right', { headers: await caller.credential(operation, operation.security[0], powerless) }, ...(operation.responses[403] ? [403] : []));
  if (operation.security.some((all) => all.join() === 'apiKey') && operation.security.some((all) => all.join() === 'bearer')) {
    await attempt('a person of two organizations who names none', { headers: { authorization: `Bearer ${several}` } }, 422, 401);
  }
}

async function refuseParameter(operation, { name, in: place, schema }, headers, attempt) {
  if (place === 'path') {
    return;
  }

  const wrong = (what, value, ...expected) => attempt(`${name} ${what}`,
    place === 'query' ? { query: { [name]: value } } : { headers: { ...headers, [name]: value } }, ...expected);
  if (name === 'organization_id') {
    await wrong('of another organization', 'org_01m7yv349n6j63e140117m1c3r', 404);
  }

  const types = [schema.type].flat();
  const values = [
    ...(schema.enum ? ['bogus'] : []),
    ...(types.includes('integer') ? ['some'] : []),
    ...(schema.minimum !== undefined ? [schema.minimum - 1] : []),
    ...(schema.maximum !== undefined ? [schema.maximum + 1] : []),
    ...(schema.format === 'date-time' ? ['yesterday'] : []),
    ...(schema.maxLength !== undefined ? ['x'.repeat(schema.maxLength + 1)] : []),
    ...(schema.pattern ? ['Not that!'] : []),
  ];
  for (const value of values) {
    await wrong(`as ${value}`, value, ...broken);
  }
}

async function refuseBodies(operation, example, attempt) {
  const { body } = operation;
  const isJson = body.mediaType === 'application/json';
  await attempt('another media type', { body: 'x', type: isJson ? 'text/plain' : 'application/json' }, 415);
  if (operation.responses[413]) {
    await attempt('a body of 5 MiB', { body: isJson ? JSON.stringify({ ...example, surprise: huge }) : `${encode(operation, example)}&surprise=${huge}` }, 413);
  }

  if (body.required) {
    await attempt('an empty body', { body: '' }, ...broken);
    await attempt('no body at all', { body: undefined }, ...broken, 415);
  }

  for (const field of body.schema.required ?? []) {
    const { [field]: _, ...others } = example ?? {};
    await attempt(`a body without ${field}`, { body: encode(operation, others) }, ...broken);
  }

  if (isJson) {
    for (const text of ['{', '[]', 'null', '"text"', '7', '{}{}']) {
      await attempt(`the body ${text}`, { body: text }, ...broken);
    }

    for (const [path, schema] of fields(body.schema)) {
      await attempt(`${path.join('/')} of another kind`, { body: JSON.stringify(put(example, path, otherKind(schema))) }, ...broken);
    }

    await attempt('an unknown field', { body: JSON.stringify({ ...example, surprise: 1 }) }, ...broken);
    if (body.errors({ ...example, surprise: 1 }).length === 0) {
      untruth(operation, 'the schema of the body allows unknown fields, which the server refuses. Close it with additionalProperties');
    }
  }
}

/** Every field of a body, with the way to it. */
export function* fields(schema, path = []) {
  if (path.length > 0) {
    yield [path, schema];
  }

  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* fields(property, [...path, name]);
  }

  if (schema.items) {
    yield* fields(schema.items, [...path, 0]);
  }

  if (typeof schema.additionalProperties === 'object') {
    yield* fields(schema.additionalProperties, [...path, 'a name']);
  }
}

/** A copy of a body with one value put in, and what must stand around it. */
export function put(body, [step, ...rest], value) {
  const copy = Array.isArray(body) || (body === undefined && typeof step === 'number') ? [...(body ?? [])] : { ...body };
  copy[step] = rest.length === 0 ? value : put(copy[step] ?? undefined, rest, value);
  return copy;
}

function otherKind(schema) {
  const types = [schema.type ?? (schema.anyOf ?? []).map((branch) => branch.type)].flat(2);
  return types.includes('object') ? 'text' : { deep: [{}] };
}
