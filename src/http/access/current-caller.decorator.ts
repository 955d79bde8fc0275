import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Caller, callerOf, NATS_CALLER } from './caller.js';

/** The {@link Caller} of the request, over HTTP or NATS. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  if (context.getType() === 'rpc') return NATS_CALLER;
  return callerOf(context.switchToHttp().getRequest<FastifyRequest>());
});
