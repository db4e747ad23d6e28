// Reads an OpenAPI document, and nothing else of what it describes.
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const checks = new Map();

const methods = ['get', 'post', 'put', 'patch', 'delete'];

export function read(document) {
  const whole = resolve(document, document);
  return Object.entries(whole.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => operation(whole, path, method, item[method])));
}

function operation(whole, path, method, described) {
  const [mediaType, media] = Object.entries(described.requestBody?.content ?? {})[0] ?? [];
  return {
    id: described.operationId, path, method: method.toUpperCase(), name: `${method.toUpperCase()} ${path}`, isAlias: (described.tags ?? []).includes('alias'),
    // Each alternative as the names of its schemes; none at all where no credential is asked for.
    security: (described.security ?? whole.security ?? []).map(Object.keys),
    parameters: described.parameters ?? [],
    body: media && { mediaType, required: described.requestBody.required ?? false, schema: merged(media.schema), ...judged(media, false) },
    responses: Object.fromEntries(Object.entries(described.responses).map(([status, response]) => [status, answer(response)])),
  };
}

function answer(response) {
  const contents = Object.entries(response.content ?? {}).map(([type, media]) => [type, judged(media, true)]);
  return { contents: Object.fromEntries(contents), headers: Object.keys(response.headers ?? {}).map((name) => name.toLowerCase()) };
}

/** The examples of a body, and what is wrong with a value by its schema. An answer may hold nothing that its schema does not name. */
function judged(media, closed) {
  const check = media.schema && compiled(closed ? close(media.schema) : media.schema);
  const named = Object.values(media.examples ?? {}).map((example) => example.value);
  return {
    examples: [...(media.example ? [media.example] : []), ...named, ...(media.schema?.examples ?? [])],
    errors: (value) => (!check || check(value) ? [] : check.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`)),
  };
}

/** Compiled once: most answers are one and the same problem. */
function compiled(schema) {
  const text = JSON.stringify(schema);
  checks.set(text, checks.get(text) ?? ajv.compile(schema));
  return checks.get(text);
}

/** The same with every reference replaced by what it leads to. */
function resolve(node, document, seen = []) {
  if (Array.isArray(node)) {
    return node.map((item) => resolve(item, document, seen));
  }

  if (node === null || typeof node !== 'object') {
    return node;
  }

  const { $ref, ...beside } = node;
  if (typeof $ref === 'string') {
    if (seen.includes($ref)) {
      throw new Error(`${$ref} leads to itself; this client reads no such schema.`);
    }

    const target = $ref.slice(2).split('/').reduce((at, step) => at?.[step.replaceAll('~1', '/').replaceAll('~0', '~')], document);
    return { ...resolve(target, document, [...seen, $ref]), ...resolve(beside, document, seen) };
  }

  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, key === 'examples' || key === 'example' ? value : resolve(value, document, seen)]));
}

/** An object may have no field that is not named. Parts of an allOf are parts: the whole is closed around them. */
function close(schema, isPart = false) {
  const closed = { ...schema };
  for (const several of ['allOf', 'anyOf', 'oneOf']) {
    closed[several] = schema[several]?.map((part) => close(part, several === 'allOf'));
  }

  closed.properties = schema.properties && mapped(schema.properties, (property) => close(property));
  for (const one of ['items', 'additionalProperties']) {
    closed[one] = typeof schema[one] === 'object' ? close(schema[one]) : schema[one];
  }

  if (!isPart && (schema.properties || schema.allOf) && schema.additionalProperties === undefined) {
    closed.unevaluatedProperties ??= false;
  }

  return Object.fromEntries(Object.entries(closed).filter(([, value]) => value !== undefined));
}

/** The parts of an allOf put into one. */
function merged(schema) {
  const parts = [...(schema.allOf ?? []).map(merged), schema];
  const properties = Object.assign({}, ...parts.map((part) => part.properties));
  return {
    ...Object.assign({}, ...parts),
    ...(Object.keys(properties).length > 0 && { properties: mapped(properties, merged) }),
    ...(schema.items && { items: merged(schema.items) }),
    required: [...new Set(parts.flatMap((part) => part.required ?? []))],
  };
}

const mapped = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
