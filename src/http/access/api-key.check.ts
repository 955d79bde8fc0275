import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../../config/settings.js';
import { ServiceError } from '../../kernel/errors.js';

/** Where keys are put by mistake; a URL ends up in logs and histories. */
const URL_PARAMETERS = ['key', 'api_key', 'apikey', 'access_token'];

/**
 * The key behind `Authorization: Bearer …`; undefined when the header is absent or of another scheme. A
 * malformed Bearer header gives an empty key, which is a wrong one.
 */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^Bearer\b/i.test(authorization)) return undefined;
  return /^Bearer {1,8}(\S{1,512})$/i.exec(authorization)?.[1] ?? '';
}

/** Whose key a request shows. */
export function keyOf(
  keys: readonly ApiKey[],
  authorization: string | undefined,
): ApiKey | 'none' | 'unknown' {
  const presented = bearerOf(authorization);
  return presented === undefined ? 'none' : (findKey(keys, presented) ?? 'unknown');
}

/** `keys` entry whose hash is that of `presented`. Every entry is compared, each in constant time. */
export function findKey(keys: readonly ApiKey[], presented: string): ApiKey | undefined {
  const hash = createHash('sha256').update(presented).digest();
  let found: ApiKey | undefined;
  for (const key of keys) {
    if (timingSafeEqual(key.hash, hash)) found = key;
  }
  return found;
}

/** @throws ServiceError unauthorized when a key (or what looks like one) is in the URL. */
export function refuseKeyInUrl(query: unknown): void {
  if (typeof query !== 'object' || query === null) return;
  const names = Object.keys(query).map((name) => name.toLowerCase());
  if (names.some((name) => URL_PARAMETERS.includes(name))) {
    throw new ServiceError('unauthorized', 'a key belongs into the Authorization header, never into the URL');
  }
}
