import { ServiceError } from '../../kernel/errors.js';
import { MAX_JSON_DEPTH, MAX_JSON_FIELDS } from '../http.limits.js';

// A byte order mark is kept, so that JSON.parse refuses it: two readings of one body are never wanted.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON value of a body; undefined for an empty one. @throws ServiceError invalid_request */
export function parseJsonBody(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined;
  return withoutPrototypeKeys(parse(decode(bytes)));
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new ServiceError('invalid_request', 'the body is not UTF-8', [], { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ServiceError('invalid_request', 'the body is not valid JSON', [], { cause });
  }
}

/**
 * Deletes, in place, the keys through which a copy of the value could reach a prototype.
 * @throws ServiceError invalid_request when the value is nested too deeply, or an object has too many fields.
 */
export function withoutPrototypeKeys(value: unknown): unknown {
  const waiting: { node: unknown; depth: number }[] = [{ node: value, depth: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    if (typeof node !== 'object' || node === null) continue;
    if (depth > MAX_JSON_DEPTH) {
      throw new ServiceError('invalid_request', `the body is nested deeper than ${MAX_JSON_DEPTH} levels`);
    }
    if (!Array.isArray(node)) deletePrototypeKeys(node);
    const children = Object.values(node);
    if (!Array.isArray(node) && children.length > MAX_JSON_FIELDS) {
      throw new ServiceError(
        'invalid_request',
        `an object of the body has more than ${MAX_JSON_FIELDS} fields`,
      );
    }
    for (const child of children) waiting.push({ node: child, depth: depth + 1 });
  }
  return value;
}

function deletePrototypeKeys(node: object): void {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    if (Object.hasOwn(node, key)) Reflect.deleteProperty(node, key);
  }
}
