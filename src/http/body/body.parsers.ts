import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parse as parseQuery } from 'qs';
import { scan } from 'secure-json-parse';
import { ServiceError } from '../../kernel/errors.js';

/** Webhooks and our own callers stay far below. */
export const MAX_BODY_BYTES = 1_048_576;
/** Deeper JSON is refused: the validators walk it by recursion. */
const MAX_DEPTH = 32;
/** Fields of one object. The validators take a time that grows with the square of the unknown ones. */
const MAX_FIELDS = 200;
/** Fields of one form, and entries of one list in it. */
export const MAX_FORM_FIELDS = 5_000;
const MAX_FORM_LIST = 1_000;

/** A form's fields that are no text. */
interface FormTypes {
  numbers: readonly string[];
  booleans: readonly string[];
}

/** Parsed JSON (the default), the exact bytes, or JSON and an HTML form alike. */
type BodyKind = 'json' | 'raw' | FormTypes;

/** The handler's `@Body()` is a Buffer of the bytes as received; an absent body is an empty Buffer or undefined. */
export const RawBody = (): MethodDecorator => RouteConfig({ body: 'raw' satisfies BodyKind });

/** An HTML form (urlencoded, nested names in brackets) is taken beside JSON. `@Body()` is the same for both. */
export const FormBody = (types: FormTypes): MethodDecorator =>
  RouteConfig({ body: types satisfies BodyKind });

export function bodyKindOf(request: FastifyRequest): BodyKind {
  const config: object = request.routeOptions.config;
  if (!('body' in config)) return 'json';
  return config.body === 'raw' || isFormTypes(config.body) ? config.body : 'json';
}

function isFormTypes(value: unknown): value is FormTypes {
  return typeof value === 'object' && value !== null && 'numbers' in value && 'booleans' in value;
}

/** JSON everywhere, and forms where a route says so; any other content type is answered 415 by Fastify. */
export function acceptKnownBodies(fastify: FastifyInstance): void {
  // A compressed body would have to be unpacked before its signature or its size is known.
  fastify.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding.toLowerCase() === 'identity') done();
    else done(new ServiceError('unsupported_media_type', 'a content-encoding is not accepted'));
  });
  fastify.removeAllContentTypeParsers();
  accept(fastify, 'application/json', (body, kind) => (kind === 'raw' ? body : parseJson(body)));
  accept(fastify, 'application/x-www-form-urlencoded', (body, kind) => {
    if (typeof kind === 'string') throw unsupportedType();
    return parseForm(body, kind);
  });
}

/** With no parameter but charset utf-8. */
const PARAMETERS = /^[ \t]{0,8}(?:;[ \t]{0,8}charset="?utf-8"?[ \t]{0,8})?;?$/i;

function accept(
  fastify: FastifyInstance,
  type: string,
  parse: (body: Buffer, kind: BodyKind) => unknown,
): void {
  fastify.addContentTypeParser(
    type,
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (request, body: Buffer, done) => {
      try {
        const given = (request.headers['content-type'] ?? '').trim();
        const isExact = given.toLowerCase().startsWith(type) && PARAMETERS.test(given.slice(type.length));
        if (!isExact) throw unsupportedType();
        done(null, parse(body, bodyKindOf(request)));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)), undefined);
      }
    },
  );
}

function unsupportedType(): ServiceError {
  return new ServiceError('unsupported_media_type', 'the body must be application/json in UTF-8');
}

// A byte order mark is kept, so that JSON.parse refuses it: two readings of one body are never wanted.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON value of a body; undefined for an empty one. @throws ServiceError invalid_request */
function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined;
  const text = readable('the body is not UTF-8', () => UTF8.decode(bytes));
  return withoutPrototypeKeys(readable('the body is not valid JSON', (): unknown => JSON.parse(text)));
}

function readable<T>(complaint: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof ServiceError
      ? cause
      : new ServiceError('invalid_request', complaint, [], { cause });
  }
}

/** Deletes, in place, keys that reach a prototype. @throws ServiceError invalid_request for too deep or too many. */
export function withoutPrototypeKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const waiting: { node: object; depth: number }[] = [{ node: value, depth: 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, depth } = next;
    if (depth > MAX_DEPTH)
      throw new ServiceError('invalid_request', `the body is nested deeper than ${MAX_DEPTH} levels`);
    const children: unknown[] = Object.values(node);
    if (!Array.isArray(node) && children.length > MAX_FIELDS)
      throw new ServiceError('invalid_request', `an object of the body has more than ${MAX_FIELDS} fields`);
    for (const child of children)
      if (typeof child === 'object' && child !== null) waiting.push({ node: child, depth: depth + 1 });
  }
  scan(value, { protoAction: 'remove', constructorAction: 'remove' });
  return value;
}

const NUMBER = /^-?\d{1,16}(\.\d{1,16})?$/;
const BOOLEANS = new Map([
  ['true', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/**
 * An HTML form as JSON would give it: `items[0][name]=Desk&items[0][price]=19.99`. An empty field is absent; a text where
 * a number belongs stays one, for the validation to name. @throws ServiceError invalid_request
 */
function parseForm(bytes: Buffer, types: FormTypes): unknown {
  return readable('the form has too many fields, or nests them too deep', () => {
    const parsed: unknown = parseQuery(bytes.toString('latin1'), {
      arrayLimit: MAX_FORM_LIST,
      parameterLimit: MAX_FORM_FIELDS,
      throwOnLimitExceeded: true,
      depth: 5,
      strictDepth: true,
      allowPrototypes: false,
    });
    return typed(withoutPrototypeKeys(parsed), '', types);
  });
}

/** @param name of the field that the value is in, or that the list is of. */
function typed(value: unknown, name: string, types: FormTypes): unknown {
  if (typeof value === 'string') {
    if (types.numbers.includes(name) && NUMBER.test(value)) return Number(value);
    return types.booleans.includes(name) ? (BOOLEANS.get(value) ?? value) : value;
  }
  if (Array.isArray(value)) return value.map((one) => typed(one, name, types));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== '');
  return Object.fromEntries(entries.map(([key, one]) => [key, typed(one, key, types)]));
}
