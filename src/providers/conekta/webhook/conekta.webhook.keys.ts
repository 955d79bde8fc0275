import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** More than are ever good at once; beyond it the oldest is parsed anew. */
const MAX_KEPT = 64;
const kept = new Map<string, KeyObject | undefined>();

/** Whether one of the keys signed the bytes. Every key is tried, so that the time tells nothing of which. */
export function isSigned(body: Uint8Array, signature: Uint8Array, pems: readonly string[]): boolean {
  const matching = [...new Set(pems)].filter((pem) => isSignedBy(body, signature, pem));
  return matching.length > 0;
}

function isSignedBy(body: Uint8Array, signature: Uint8Array, pem: string): boolean {
  const key = keyOf(pem);
  if (key === undefined) return false;
  return verify('sha256', body, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
}

/** Undefined for what is no RSA key: it verifies nothing, and the others still do. */
function keyOf(pem: string): KeyObject | undefined {
  if (!kept.has(pem)) {
    const [oldest] = kept.keys();
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(pem, parsedKey(pem));
  }
  return kept.get(pem);
}

function parsedKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}
