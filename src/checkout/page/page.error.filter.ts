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
import type { Message, Texts } from '../texts/texts.js';

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
    void reply.send(this.renderer.answer(reply, this.page(error, wait, reader)));
  }

  /** What these pages say of an error. */
  protected messageOf({ code }: ServiceError, texts: Texts): Message {
    return code === 'not_found' ? texts.notFound : texts.unavailable;
  }

  /** @param wait seconds after which the page asks again by itself. */
  private page(error: ServiceError, wait: number | undefined, { language }: Reader): Page {
    const texts = TEXTS[language];
    const { title, text } = this.messageOf(error, texts);
    const content = {
      tone: error.retryable ? 'wait' : 'plain',
      text,
      facts: [],
      links: [],
      hint: undefined,
      note: wait === undefined ? undefined : texts.refreshes,
      testMode: undefined,
    };
    return { template: 'message', language, title, status: error.status, refreshSeconds: wait, content };
  }
}
