// Makes requests out of the document: credentials, ids, bodies.
import { calls } from './recipes.mjs';
import { judge, send } from './wire.mjs';

export class Caller {
  constructor(stage, operations) {
    this.stage = stage;
    this.operations = operations;
  }

  /** Many scopes to choose from, one of them as long as a scope may be. */
  async settle() {
    const catalogue = (await this.demand('getScopes')).data;
    const more = ['x'.repeat(95) + ':read', ...Array.from({ length: 150 }, (_, i) => `many-${i}:read`)];
    await this.demand('replaceScopes', { body: { data: [...catalogue, ...more.map((name) => ({ name }))] } });
    this.scopes = more;
    const { id, organization_id } = await this.demand('createKey');
    [this.keyId, this.organizationId] = [id, organization_id];
  }

  named(id) {
    return this.operations.find((operation) => operation.id === id) ?? fail(`The document has no operation ${id} any more. Mend judges/recipes.mjs.`);
  }

  /** The headers of one alternative of an operation's security; the first one where none is named. */
  async credential(operation, alternative = operation.security[0] ?? [], key = this.stage.manager) {
    const headers = {};
    const isGateway = alternative.includes('gateway');
    for (const scheme of alternative) {
      const presented = isGateway && scheme !== 'gateway' ? (await this.demand('createKey')).key : key;
      if (scheme === 'bearer') {
        headers.authorization = `Bearer ${operation.security.every((all) => all.every((one) => one === 'bearer')) ? this.stage.tokens.pop().access : presented}`;
      } else {
        headers[{ apiKey: 'x-api-key', gateway: 'x-keyportal-gateway' }[scheme] ?? fail(`The document names the security scheme ${scheme}. Teach judges/caller.mjs to present it.`)] = presented;
      }
    }

    return headers;
  }

  recipe(operation) {
    return calls[operation.isAlias ? operation.id.replace(/Alias$/, '') : operation.id] ?? {};
  }

  /** Something new for a call to be about: what the call that makes such things answers, or what its recipe says. */
  async target(operation, body) {
    if (!operation.path.includes('{id}')) {
      return undefined;
    }

    const { id, before } = this.recipe(operation);
    const made = id ? await id(this) : (await this.demand(this.maker(operation).id, { body })).id;
    await before?.(this, made);
    return made;
  }

  maker(operation) {
    const collection = operation.path.slice(0, operation.path.indexOf('/{id}'));
    return this.operations.find((other) => other.method === 'POST' && other.path === collection)
      ?? fail(`${operation.name} is about something that no POST ${collection} makes. Give it an id in judges/recipes.mjs.`);
  }

  /** A colleague's live key that waits for somebody else's approval. */
  async pendingKey() {
    const asked = await this.demand('createKey', { key: this.stage.colleague, body: { name: 'Waiting', environment: 'live', scopes: ['triggers:write'] } });
    return asked.status === 'pending' ? asked.id : fail('A live key with triggers:write does not wait for approval.');
  }

  /** The entity tag of what a call is about. */
  async tag(operation, id) {
    const path = operation.path.includes('{id}') ? operation.path.slice(0, operation.path.indexOf('{id}') + 4) : operation.path;
    const reader = this.operations.find((other) => other.method === 'GET' && other.path === path) ?? fail(`Nothing reads what ${operation.name} changes, so If-Match has no ETag.`);
    return (await send(this.stage.base, reader, { id, headers: await this.credential(reader) })).headers.get('etag') ?? fail(`${reader.name} answers without an ETag.`);
  }

  /** A call that must succeed, for what comes after it; its answer. With its first example unless another body is named. */
  async demand(operationId, { id, body, query, key } = {}) {
    const operation = this.named(operationId);
    const headers = await this.credential(operation, operation.security[0], key);
    const answer = judge(operation, 'a call made in passing', await send(this.stage.base, operation, { id, query, headers, body: encode(operation, body ?? operation.body?.examples[0]) }));
    return answer.status < 300 ? answer.json : fail(`${operation.name} in passing: ${answer.status} ${answer.text}`);
  }
}

export function encode(operation, body) {
  return body === undefined ? undefined : operation.body?.mediaType === 'application/x-www-form-urlencoded' ? new URLSearchParams(body).toString() : JSON.stringify(body);
}

function fail(why) {
  throw new Error(why);
}
