import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** How a route wants its body: parsed JSON (the default), or the exact bytes. */
export type BodyKind = 'json' | 'raw';

/** The handler's `@Body()` is a Buffer of the bytes as received; an absent body is an empty Buffer or undefined. */
export const RawBody = (): MethodDecorator => RouteConfig({ body: 'raw' satisfies BodyKind });

export function bodyKindOf(request: FastifyRequest): BodyKind {
  const config: object = request.routeOptions.config;
  return 'body' in config && config.body === 'raw' ? 'raw' : 'json';
}
