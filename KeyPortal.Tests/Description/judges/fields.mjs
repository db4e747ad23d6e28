// Reads RateLimit and RateLimit-Policy back as RFC 9651 has them, and holds each item against draft-ietf-httpapi-ratelimit-headers: a String, with whole numbers as parameters.
import { readFile } from 'node:fs/promises';
import { parseList } from 'structured-headers';

const known = { 'RateLimit-Policy': { q: true, w: true }, RateLimit: { r: true, t: false }, 'X-RateLimit-Warning': { used: true, limit: true } };

function read(name, text) {
  return Object.fromEntries(parseList(text).map(([item, parameters]) => {
    const expected = known[name];
    const wrong = [
      ...(typeof item === 'string' ? [] : [`${item} is no String`]),
      ...Object.keys(expected).filter((key) => expected[key] && !parameters.has(key)).map((key) => `${item} has no ${key}`),
      ...[...parameters].filter(([key, value]) => !(key in expected) || !Number.isInteger(value) || value < 0).map(([key, value]) => `${item} has ${key}=${value}`),
    ];
    if (wrong.length > 0) {
      throw new Error(wrong.join(', '));
    }

    return [item, Object.fromEntries(parameters)];
  }));
}

for (const fields of JSON.parse(await readFile(process.argv[2]))) {
  console.log(JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, read(name, text)]))));
}
