import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../../kernel/errors.js';
import { MAX_BODY_BYTES } from '../http.limits.js';
import { type BodyKind, bodyKindOf } from './body.kind.js';
import { parseFormBody } from './form.body.js';
import { parseJsonBody } from './json.body.js';

/** `application/json`, with no parameter but charset utf-8. */
const JSON_UTF8 = /^application\/json[ \t]{0,8}(?:;[ \t]{0,8}charset="?utf-8"?[ \t]{0,8})?;?$/i;

/** `application/x-www-form-urlencoded`, likewise. */
const FORM_UTF8 =
  /^application\/x-www-form-urlencoded[ \t]{0,8}(?:;[ \t]{0,8}charset="?utf-8"?[ \t]{0,8})?;?$/i;

type Parse = (body: Buffer, kind: BodyKind) => unknown;

/** JSON everywhere, and forms where a route says so; any other content type is answered 415 by Fastify. */
export function acceptKnownBodies(fastify: FastifyInstance): void {
  refuseEncodedBodies(fastify);
  fastify.removeAllContentTypeParsers();
  accept(fastify, 'application/json', JSON_UTF8, (body, kind) =>
    kind === 'raw' ? body : parseJsonBody(body),
  );
  accept(fastify, 'application/x-www-form-urlencoded', FORM_UTF8, (body, kind) => {
    if (typeof kind === 'string') throw unsupportedType();
    return parseFormBody(body, kind);
  });
}

function accept(fastify: FastifyInstance, type: string, exactly: RegExp, parse: Parse): void {
  fastify.addContentTypeParser(
    type,
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (request, body: Buffer, done) => {
      try {
        if (!exactly.test((request.headers['content-type'] ?? '').trim())) throw unsupportedType();
        done(null, parse(body, bodyKindOf(request)));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)), undefined);
      }
    },
  );
}

/** A compressed body would have to be unpacked before its signature or its size is known. */
function refuseEncodedBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding.toLowerCase() === 'identity') done();
    else done(new ServiceError('unsupported_media_type', 'a content-encoding is not accepted'));
  });
}

function unsupportedType(): ServiceError {
  return new ServiceError('unsupported_media_type', 'the body must be application/json in UTF-8');
}
