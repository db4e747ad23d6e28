// Every bound that a body's schema states: what lies on it is taken, what lies beyond is refused, and the refusal names the field.
import { encode } from './caller.mjs';
import { companions, samples, texts, unbounded } from './recipes.mjs';
import { fields, put } from './refusals.mjs';
import { kept } from './successes.mjs';
import { judge, send, untruth } from './wire.mjs';

export async function bound(caller, operation) {
  // An alias is the same call under another address, and its bodies the same bodies.
  if (operation.body?.mediaType !== 'application/json' || operation.body.examples.length === 0 || operation.isAlias) {
    return;
  }

  const targets = new Map();
  for (const [path, field] of fields(operation.body.schema)) {
    for (const schema of [field, ...(field.anyOf ?? [])]) {
      const name = path.findLast((step) => typeof step === 'string' && step !== 'a name');
      checkStated(operation, path, schema, name);
      for (const [what, within, beyond] of bounds(caller, operation, path, schema, name)) {
        await probe(caller, operation, targets, path, what, within, true);
        await probe(caller, operation, targets, path, what, beyond, false);
      }
    }
  }
}

/** A text says how long it may be, or what it may be. */
function checkStated(operation, path, schema, name) {
  const isText = [schema.type].flat().includes('string');
  if (isText && schema.maxLength === undefined && !schema.enum && !schema.format && !unbounded.includes(name)) {
    untruth(operation, `${path.join('/')} has no maxLength. State one and hold it, or name the field among judges/recipes.mjs's unbounded with the reason`);
  }

  if ([schema.type].flat().includes('array') && schema.maxItems === undefined) {
    untruth(operation, `${path.join('/')} has no maxItems. State one and hold it`);
  }

  if (typeof schema.additionalProperties === 'object' && (schema.maxProperties === undefined || schema.propertyNames?.maxLength === undefined)) {
    untruth(operation, `${path.join('/')} does not say how many names it takes, and how long they may be`);
  }
}

/** What is bounded, a value on the bound or undefined, and one beyond. */
function* bounds(caller, operation, path, schema, name) {
  const text = (length) => {
    const scope = 'x'.repeat(Math.max(length - 5, 0)) + ':read';
    return schema.pattern && new RegExp(schema.pattern, 'u').test(scope) ? scope : (texts[name]?.(length) ?? 'x'.repeat(length));
  };
  const list = (length) => {
    const given = path.reduce((at, step) => at?.[step], operation.body.examples[0]) ?? [];
    const sample = (i) => (samples[`${operation.id}.${name}`] ?? samples[name])?.(i, caller) ?? (schema.items.properties ? given[i % given.length] : `sample ${i}`);
    return Array.from({ length }, (_, i) => (i < given.length && schema.items.properties ? given[i] : sample(i)));
  };
  const named = (count, length) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}`.padEnd(length, '-'), 'x']));
  const { maxLength, minLength, maximum, minimum, maxItems, minItems, maxProperties, propertyNames } = schema;
  if (maxLength !== undefined) yield [`maxLength ${maxLength}`, text(maxLength), text(maxLength + 1)];
  if (minLength > 0) yield [`minLength ${minLength}`, text(minLength), text(minLength - 1)];
  if (maximum !== undefined) yield [`maximum ${maximum}`, maximum, maximum + 1];
  if (minimum !== undefined) yield [`minimum ${minimum}`, minimum, minimum - 1];
  if (maxItems !== undefined) yield [`maxItems ${maxItems}`, list(maxItems), list(maxItems + 1)];
  if (minItems > 0) yield [`minItems ${minItems}`, list(minItems), list(minItems - 1)];
  if (maxProperties !== undefined) yield [`maxProperties ${maxProperties}`, named(maxProperties, 5), named(maxProperties + 1, 5)];
  if (propertyNames?.maxLength !== undefined) yield [`names of ${propertyNames.maxLength}`, named(1, propertyNames.maxLength), named(1, propertyNames.maxLength + 1)];
  if (schema.enum) yield ['enum', undefined, 'bogus'];
  if (schema.pattern) yield ['pattern', undefined, 'Not that!'];
  if (schema.format === 'date-time') yield ['format', undefined, 'yesterday'];
}

async function probe(caller, operation, targets, path, what, value, isWithin) {
  if (value === undefined) {
    return;
  }

  const beside = Object.fromEntries(Object.entries(companions[path[0]] ?? {}).filter(([field]) => field in operation.body.schema.properties));
  const body = put({ ...operation.body.examples[0], ...beside }, path, value);
  const pointer = '/' + path.join('/');
  const id = await targetOf(caller, operation, targets, beside, isWithin);
  await kept(caller, operation, async () => {
    const answer = judge(operation, `${pointer} ${isWithin ? 'on' : 'beyond'} its ${what}`,
      await send(caller.stage.base, operation, { id, headers: await caller.credential(operation), body: encode(operation, body) }));
    const isNamed = (answer.json?.errors ?? []).some((error) => error.pointer.startsWith(pointer) || pointer.startsWith(error.pointer));
    const isRefused = answer.status === 400 || (answer.status === 422 && isNamed) || answer.status === 413;
    if (isRefused === isWithin) {
      untruth(operation, `${pointer} ${isWithin ? 'on' : 'beyond'} its ${what} was answered with ${answer.status} ${answer.text.slice(0, 300)}`);
    }
  });
}

/** What the call is about. What a call leaves as it was, or may change again, serves the next one too. */
async function targetOf(caller, operation, targets, beside, isWithin) {
  const kind = JSON.stringify(beside);
  const maker = operation.path.includes('{id}') && kind !== '{}' ? { ...caller.maker(operation).body.examples[0], ...beside } : undefined;
  if (isWithin && !['PUT', 'PATCH'].includes(operation.method)) {
    return caller.target(operation, maker);
  }

  if (!targets.has(kind)) {
    targets.set(kind, await caller.target(operation, maker));
  }

  return targets.get(kind);
}
