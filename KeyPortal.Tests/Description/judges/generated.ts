// A client whose types a generator read off the document (openapi-typescript): whatever the document gets wrong does not compile here, or does not work.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

declare const process: { env: Record<string, string | undefined> };

type Key = components['schemas']['Key'];

const base = process.env['BASE'] ?? '';
const client = createClient<paths>({ baseUrl: base, headers: { 'X-API-Key': process.env['KEY'] ?? '' } });

function must(holds: boolean, what: string): asserts holds {
  if (!holds) {
    throw new Error(what);
  }
}

/** The answer of a call that must succeed. */
function got<T>(what: string, { data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  must(data !== undefined, `${what}: ${response.status} ${JSON.stringify(error)}`);
  console.log(what);
  return data;
}

async function create(name: string): Promise<Key & { key: string }> {
  const { key, ...record } = got('created', await client.POST('/api/v1/api-keys', { body: { name, scopes: ['triggers:read'] } }));
  must(key !== undefined, 'a new key is told');
  return { ...record, key };
}

async function createOnce(): Promise<void> {
  const call = () => client.POST('/api/v1/api-keys', { params: { header: { 'Idempotency-Key': 'generated-1' } }, body: { name: 'Once', metadata: { team: 'billing' }, tags: ['a'] } });
  const [first, second] = [got('created under an Idempotency-Key', await call()), got('created again', await call())];
  must(first.key?.startsWith('sk_test_') === true && first.id === second.id && second.key === undefined, 'a repeat makes no other key and tells no secret');
  must(first.metadata['team'] === 'billing' && first.tags[0] === 'a', 'what was sent is there');
}

async function list(): Promise<void> {
  for (const i of [1, 2, 3]) {
    await create(`Listed ${i}`);
  }

  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: components['schemas']['KeyPage'] = got('a page', await client.GET('/api/v1/api-keys', { params: { query: { limit: 2, status: 'active', sort: 'name', q: 'listed', ...(cursor && { cursor }) } } }));
    must(page.data.length <= 2 && page.total === 3, 'pages are as long as asked for, and count all');
    ids.push(...page.data.map((key) => key.id));
    cursor = page.next_cursor;
  }

  must(new Set(ids).size === 3, 'every key is on one page');
}

async function change(): Promise<void> {
  const { id } = await create('Changed');
  const path = { id };
  const read = await client.GET('/api/v1/api-keys/{id}', { params: { path } });
  const tag = read.response.headers.get('ETag') ?? '';
  must(got('read', read).name === 'Changed' && tag !== '', 'a record has an ETag');
  const patched = got('changed', await client.PATCH('/api/v1/api-keys/{id}', { params: { path, header: { 'If-Match': tag } }, body: { description: 'For reports', allowed_ips: ['10.0.0.0/8'] } }));
  must(patched.description === 'For reports' && patched.name === 'Changed', 'what is not named stays');
  const { error: stale, response } = await client.PATCH('/api/v1/api-keys/{id}', { params: { path, header: { 'If-Match': tag } }, body: { description: null } });
  must(response.status === 412 && stale?.code === 'precondition_failed', 'an old ETag changes nothing');
  const replaced = got('replaced', await client.PUT('/api/v1/api-keys/{id}', { params: { path }, body: { name: 'Replaced' } }));
  must(replaced.description === null && replaced.allowed_ips.length === 0, 'what is not named has its default');
}

async function live(): Promise<void> {
  const { id, key } = await create('Lived');
  const path = { id };
  const validate = async (presented: string) => got('validated', await client.POST('/api/v1/api-keys/validate', { body: { key: presented, scopes: 'triggers:read OR triggers:write' } }));
  must((await validate(key)).valid, 'a new key is good');
  const rotated = got('rotated', await client.POST('/api/v1/api-keys/{id}/rotate', { params: { path }, body: { grace_period_seconds: 0 } }));
  const next = rotated.key ?? '';
  const batch = got('validated together', await client.POST('/api/v1/api-keys/validate/batch', { body: { requests: [{ key }, { key: next }] } }));
  must(batch.data[0]?.code === 'expired' && batch.data[0].reasons?.length === 1 && batch.data[1]?.valid === true && rotated.secret_version === 2, 'without grace the old secret is out');
  const seen = got('introspected', await client.POST('/api/v1/introspect', {
    body: { token: next }, bodySerializer: (body) => new URLSearchParams({ token: body.token }), headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  }));
  must(seen.active && seen.client_id === id && seen.scope === 'triggers:read', 'RFC 7662 knows it too');
  must(got('disabled', await client.POST('/api/v1/api-keys/{id}/disable', { params: { path } })).status === 'disabled', 'off');
  must((await validate(next)).code === 'disabled', 'a disabled key is no good');
  must(got('enabled', await client.POST('/api/v1/api-keys/{id}/enable', { params: { path } })).status === 'active', 'on');
  const retiring = got('retiring', await client.POST('/api/v1/api-keys/{id}/revoke', { params: { path }, body: { reason: 'superseded', retire_in_seconds: 3600 } }));
  must(retiring.status === 'retiring' && (await validate(next)).warnings[0]?.code === 'retiring', 'an announced end is told');
  must(got('revoked', await client.POST('/api/v1/api-keys/{id}/revoke', { params: { path }, body: { reason: 'key_compromise' } })).revocation_reason === 'key_compromise', 'and why');
  must((await validate(next)).code === 'revoked', 'a revoked key is no good');
}

async function govern(): Promise<void> {
  const policy = got('policy', await client.GET('/api/v1/policy'));
  const put = got('policy replaced', await client.PUT('/api/v1/policy', { body: { ...policy, rotation_age_seconds: 7_776_000 } }));
  must(policy.default_expires_in === '90d' && put.rotation_age_seconds === 7_776_000, 'the policy is what was sent');
  const catalogue = got('scopes', await client.GET('/api/v1/scopes'));
  must(catalogue.data.some((scope) => scope.name === 'triggers:read' && scope.publishable), 'the catalogue has its examples');
}

async function fail(): Promise<void> {
  const { error, response } = await client.POST('/api/v1/api-keys', { body: { name: '', allowed_ips: ['10.0.0.1/8'], expires_at: '2001-01-01T00:00:00Z' } });
  must(response.status === 422 && error !== undefined && error.code === 'validation_failed', 'what cannot be is refused');
  must(error.errors?.map((e) => e.pointer).sort().join(' ') === '/allowed_ips/0 /expires_at /name', `every field is named: ${JSON.stringify(error.errors)}`);
  const stranger = await createClient<paths>({ baseUrl: base }).GET('/api/v1/api-keys');
  must(stranger.response.status === 401 && stranger.error?.code === 'unauthenticated', 'nobody is nobody');
  // @ts-expect-error The environment is test or live, and a generated client knows it.
  await client.POST('/api/v1/api-keys', { body: { name: 'Staged', environment: 'staging' } });
}

for (const act of [createOnce, list, change, live, govern, fail]) {
  await act();
}

console.log('done');
