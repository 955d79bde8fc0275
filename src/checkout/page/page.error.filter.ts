import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  answerHttpError,
  reportError,
  retryAfterSeconds,
  toServiceError,
} from '../../http/filters/error.filter.js';
import { PinoLogger } from '../../http/logging/pino.logger.js';
import type { ServiceError } from '../../kernel/errors.js';
import { ShopHome, shopLink } from './shop.url.js';
import { type Reader, readerOf, TEXTS, wantsHtml } from './reader.js';
import { type Page, PageRenderer } from './page.renderer.js';
import type { Message, Texts } from '../texts/texts.en.js';

/** What goes wrong on a customer's page is a page too; programs get the usual body. */
@Injectable()
@Catch()
export class PageErrorFilter implements ExceptionFilter {
  constructor(
    private readonly renderer: PageRenderer,
    private readonly logger: PinoLogger,
    private readonly shop: ShopHome,
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
    const message = this.messageOf(error, TEXTS[reader.language]);
    void reply.send(this.renderer.answer(reply, errorPage(message, error, reader, this.shop)));
  }

  protected messageOf({ code }: ServiceError, texts: Texts): Message {
    return code === 'not_found' ? texts.notFound : texts.unavailable;
  }
}

/** A page for people where nothing is, or where no route was reached; other refusals stay JSON. */
export function showErrorsToPeople(fastify: FastifyInstance, renderer: PageRenderer, shop: ShopHome): void {
  fastify.decorate('errorForPeople', (error: ServiceError, reply: FastifyReply) => {
    const { headers, routeOptions } = reply.request;
    const isLost = error.code === 'not_found' || (routeOptions.url === undefined && error.status < 500);
    if (!wantsHtml(headers.accept) || !(isLost || error.retryable)) return undefined;
    const reader = readerOf(reply.request);
    const texts = TEXTS[reader.language];
    const message = isLost && !error.retryable ? texts.nowhere : texts.unavailable;
    return renderer.answer(reply, errorPage(message, error, reader, shop));
  });
}

function errorPage(message: Message, error: ServiceError, { language }: Reader, shop: ShopHome): Page {
  const { title, text } = message;
  const texts = TEXTS[language];
  const wait = retryAfterSeconds(error);
  const links = shopLink(shop.url, texts);
  const content = {
    tone: error.retryable ? 'wait' : 'plain',
    text,
    facts: [],
    links,
    note: wait === undefined ? undefined : texts.refreshes,
    closing: links.length === 0 ? texts.close : undefined,
  };
  return { template: 'message', language, title, status: error.status, refreshSeconds: wait, content };
}
