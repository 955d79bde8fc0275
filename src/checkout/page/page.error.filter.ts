import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { retryAfterSeconds } from '../../http/filters/error.answer.js';
import { toServiceError } from '../../http/filters/error.mapping.js';
import { reportError } from '../../http/filters/error.report.js';
import { answerHttpError } from '../../http/filters/http.error.answer.js';
import { PinoLogger } from '../../http/logging/pino.logger.js';
import type { ServiceError } from '../../kernel/errors.js';
import { TEXTS } from '../reader/language.js';
import { type Page, PageRenderer } from './page.renderer.js';
import { type Reader, readerOf } from '../reader/reader.js';

/** What goes wrong on a customer's page is a page too; a program gets the body that every route gives it. */
@Injectable()
@Catch()
export class PageErrorFilter implements ExceptionFilter {
  constructor(
    private readonly renderer: PageRenderer,
    private readonly logger: PinoLogger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const reader = readerOf(request);
    if (reader.json) return answerHttpError(thrown, request, reply, this.logger);
    const error = toServiceError(thrown);
    reportError(error, thrown, this.logger);
    const wait = retryAfterSeconds(error);
    if (wait !== undefined) void reply.header('retry-after', String(wait));
    void reply.send(this.renderer.answer(reply, errorPage(error, wait, reader)));
  }
}

/** @param wait seconds after which the page asks again by itself. */
function errorPage(error: ServiceError, wait: number | undefined, { language }: Reader): Page {
  const texts = TEXTS[language];
  const missing = error.code === 'not_found';
  const { title, text } = missing ? texts.notFound : texts.unavailable;
  const content = {
    tone: missing ? 'plain' : 'wait',
    text,
    facts: [],
    links: [],
    hint: undefined,
    note: wait === undefined ? undefined : texts.refreshes,
    testMode: undefined,
  };
  return { template: 'message', language, title, status: error.status, refreshSeconds: wait, content };
}
