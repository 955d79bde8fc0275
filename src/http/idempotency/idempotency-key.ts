import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invalidField, ServiceError } from '../../kernel/errors.js';

const HEADER = 'Idempotency-Key';

/** The header as it came, undefined when absent and over NATS. {@link IdempotencyService.run} checks its form. */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  if (context.getType() !== 'http') return undefined;
  return context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
});

/** @throws ServiceError idempotency_key_required */
export function requireIdempotencyKey(key: string | undefined): string {
  if (key !== undefined) return key;
  throw new ServiceError(
    'idempotency_key_required',
    `${HEADER} is required here: the header, or over NATS the field idempotencyKey`,
  );
}

/** @throws ServiceError invalid_request unless it is 1 to 255 visible ASCII characters. */
export function checkIdempotencyKey(key: string): void {
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw invalidField(HEADER, 'must be 1 to 255 visible ASCII characters');
}
