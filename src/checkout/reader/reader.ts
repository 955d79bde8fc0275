import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { preferred, wantsJson } from './accept.js';
import { type Tongue, tongueOf } from './language.js';

/** Who reads the answer: in which language, and whether a program does. */
export interface Reader extends Tongue {
  json: boolean;
}

export function readerOf(request: FastifyRequest): Reader {
  const { accept, 'accept-language': acceptLanguage } = request.headers;
  return { ...tongueOf(preferred(acceptLanguage)), json: wantsJson(accept) };
}

/** The reader of the answer, as a parameter of a controller's method. */
export const AnswerFor = createParamDecorator((_data: undefined, context: ExecutionContext): Reader =>
  readerOf(context.switchToHttp().getRequest()),
);
