// What a reader of the document would learn from its prose, or know of the world: values that no generic client can make up. By operation, parameter or field.

/** Calls that want something to have happened before, or a body that no example can hold. */
export const calls = {
  enableKey: { before: (caller, id) => caller.demand('disableKey', { id }) },
  approveKey: { id: (caller) => caller.pendingKey() },
  declineKey: { id: (caller) => caller.pendingKey() },
  validateKey: { bodies: async (caller, examples) => [...examples, { key: (await caller.demand('createKey')).key }, { key: await limitedKey(caller) }] },
  validateKeys: {
    bodies: async (caller, examples) => {
      const key = await limitedKey(caller);
      return [...examples, { requests: [{ key: (await caller.demand('createKey')).key }, { key: 'nonsense' }] }, { requests: [{ key, cost: 2 }, { key }, { key, cost: 1000000000 }] }];
    },
  },
  introspect: { bodies: async (caller, examples) => [...examples, { token: (await caller.demand('createKey')).key }] },
  // What a confirmed act is for must be as many keys as it says, and a rotation is what an Idempotency-Key keeps from happening twice.
  changeKeys: {
    bodies: async (caller, examples) => {
      const one = { ids: [(await caller.demand('createKey')).id], confirm_count: 1 };
      return [{ action: 'rotate', force: true, ...one }, { action: 'rotate', ...one }, { action: 'tag', add_tags: ['a'], ...one }, { action: 'disable', ...one }, { action: 'revoke', ...one }, examples[0]];
    },
  },
  // A code and a refresh token work once.
  showSecondFactor: { bodies: async (caller) => [{ challenge_token: (await caller.demand('login')).challenge_token, code: caller.stage.code }] },
  refreshTokens: { bodies: (caller) => [{ refresh_token: caller.stage.tokens.pop().refresh }] },
};

/** What a parameter may say that depends on what is there; the examples of the others are good anywhere. */
export const parameters = {
  organization_id: (caller) => caller.organizationId,
  owner_id: async (caller) => (await caller.demand('createKey')).owner.id,
  cursor: async (caller, operation, id) => {
    await caller.demand('createKey');
    return (await caller.demand(operation.id, { id, query: { limit: 1 } })).next_cursor;
  },
  'Idempotency-Key': (caller, operation) => operation.id,
  'If-Match': (caller, operation, id) => caller.tag(operation, id),
  'If-None-Match': (caller, operation, id) => caller.tag(operation, id),
};

/** Fields that may be filled only beside others. */
export const companions = {
  allowed_origins: { type: 'publishable', scopes: [] },
  recovery_code: { code: null },
  ids: { filter: null },
  add_tags: { action: 'tag', confirm_count: 0 },
  remove_tags: { action: 'tag', confirm_count: 0 },
  grace_period_seconds: { action: 'rotate', confirm_count: 0 },
};

/** The i-th of many different values of a list's items, by field; by operation and field where several calls have it. */
export const samples = {
  scopes: (i, caller) => caller.scopes[i],
  approval_scopes: (i, caller) => caller.scopes[i],
  ids: (_, caller) => caller.keyId,
  allowed_ips: (i) => `10.0.${i >> 8}.${i & 255}`,
  allowed_origins: (i) => `https://h${i}.example`,
  rate_limits: (i) => ({ name: `sample-${i}`, algorithm: 'fixed_window', limit: 100, window_seconds: 60 }),
  quotas: (i) => ({ period: ['day', 'month'][i % 2], limit: 10000 }),
  'replaceTiers.data': (i) => ({ name: `sample-${i}`, description: 'A sample' }),
  'replaceScopes.data': (i) => ({ name: `sample-${i}:read`, description: 'A sample', publishable: false, read_only: true }),
};

/** A good text of a length, where any text will not do. */
export const texts = {
  scopes: (length) => 'a:b OR '.repeat(Math.floor((length - 10) / 7)) + 'a:' + 'b'.repeat(length - 2 - 7 * Math.floor((length - 10) / 7)),
};

/** Texts without a length of their own: keys as a client presented them, whatever they are, forms that are checked whole, and names of what must be there. */
export const unbounded = ['key', 'token', 'token_type_hint', 'organization_id', 'ids', 'ip', 'allowed_ips', 'allowed_origins', 'seen_from', 'tier', 'default_tier'];

/**
 * Calls that tests of their own make: one is bounded by address, one signed by whoever holds a key of the settings, and an import answers 200 with a refusal for each
 * item that breaks a rule. Here their examples are read.
 */
export const elsewhere = ['revokeLeaked', 'secretScanningAlerts', 'importKeys'];

/** What a walk on a quiet machine cannot bring about: a race, a lock, a limit, a fault. */
export const outOfReach = ['409', '429', '500', '503'];

/** A key that is near its limits with the second call and over them with the third. */
async function limitedKey(caller) {
  const body = {
    name: 'Limited',
    rate_limits: [{ name: 'burst', algorithm: 'token_bucket', limit: 2, window_seconds: 3600, warn_at_percent: 50 }],
    quotas: [{ period: 'day', limit: 2 }, { period: 'month', limit: 1, mode: 'soft' }],
  };
  return (await caller.demand('createKey', { body })).key;
}
