// Sends what is asked for and holds the answer against the document.
export const found = [];
const provoked = new Map();

/** Headers that HTTP itself, or any server, may add to any answer. */
const common = new Set(['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'server', 'transfer-encoding', 'cache-control', 'allow',
  'x-content-type-options', 'strict-transport-security']);

export const untruth = (operation, what) => found.push(`${operation.name}: ${what}`);

/** What the document promises and nothing made happen. */
export const unprovoked = (operation) => Object.keys(operation.responses).filter((status) => !provoked.get(operation.name)?.has(status));

/** Sends a request, whatever is asked for; null leaves a header out. */
export async function send(base, operation, { id, query = {}, headers = {}, body, type }) {
  const path = operation.path.replace('{id}', encodeURIComponent(id ?? ''));
  const search = new URLSearchParams(query).toString();
  const response = await fetch(base + path + (search && `?${search}`), {
    method: operation.method,
    redirect: 'manual',
    headers: { ...headers, ...(body !== undefined && { 'content-type': type ?? operation.body?.mediaType ?? 'application/json' }) },
    body,
  });
  const text = await response.text();
  const mediaType = response.headers.get('content-type')?.split(';')[0] ?? '';
  return { status: response.status, headers: response.headers, text, mediaType, json: mediaType.endsWith('json') ? JSON.parse(text) : undefined };
}

/** Holds an answer against the document, and its status against those expected. */
export function judge(operation, what, answer, ...expected) {
  const says = `${what} was answered with ${answer.status} ${answer.text.slice(0, 500)}`;
  if (expected.length > 0 && !expected.some((range) => range === answer.status || (range === '2xx' && answer.status >= 200 && answer.status < 300))) {
    untruth(operation, `${says}, and not with ${expected.join(' or ')}`);
  }

  const described = operation.responses[answer.status];
  if (!described) {
    untruth(operation, `${says}, a status that the document does not name`);
    return answer;
  }

  provoked.set(operation.name, (provoked.get(operation.name) ?? new Set()).add(String(answer.status)));
  const content = described.contents[answer.mediaType];
  if (answer.text !== '' && !content) {
    untruth(operation, `${says} as ${answer.mediaType}, which the document does not name`);
  }

  if (answer.text === '' && Object.keys(described.contents).length > 0) {
    untruth(operation, `${says}, without the body that the document promises`);
  }

  for (const error of (content && answer.json !== undefined ? content.errors(answer.json) : [])) {
    untruth(operation, `${says}, which its schema refuses: ${error}`);
  }

  for (const header of answer.headers.keys()) {
    if (!common.has(header) && !described.headers.includes(header)) {
      untruth(operation, `${what} was answered with ${answer.status} and ${header}, a header that the document does not name`);
    }
  }

  return answer;
}
