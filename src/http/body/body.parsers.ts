import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../../kernel/errors.js';
import { MAX_BODY_BYTES } from '../http.limits.js';
import { bodyKindOf } from './body.kind.js';
import { parseJsonBody } from './json.body.js';

/** `application/json`, with no parameter but charset utf-8. */
const JSON_UTF8 = /^application\/json[ \t]{0,8}(?:;[ \t]{0,8}charset="?utf-8"?[ \t]{0,8})?;?$/i;

/** One parser for the one content type that is taken; any other is answered 415 by Fastify. */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  refuseEncodedBodies(fastify);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (request, body: Buffer, done) => {
      try {
        if (!JSON_UTF8.test((request.headers['content-type'] ?? '').trim())) throw unsupportedType();
        done(null, bodyKindOf(request) === 'raw' ? body : parseJsonBody(body));
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
