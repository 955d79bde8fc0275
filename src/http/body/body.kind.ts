import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { FormTypes } from './form.body.js';

/** How a route wants its body: parsed JSON (the default), the exact bytes, or JSON and an HTML form's alike. */
export type BodyKind = 'json' | 'raw' | FormTypes;

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
