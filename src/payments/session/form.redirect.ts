import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, map, type Observable, of } from 'rxjs';
import { ReturnUrls } from '../../http/return.urls.js';
import { ServiceError } from '../../kernel/errors.js';
import { jsonOf, textOf } from '../../providers/json.read.js';

/**
 * Whoever posts an HTML form is a browser on its way to the checkout: it is sent on (303) instead of being shown
 * JSON. One that comes again for an order that is paid or being paid is sent to the page that says so.
 */
@Injectable()
export class FormRedirect implements NestInterceptor {
  constructor(private readonly urls: ReturnUrls) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (request.headers['content-type']?.toLowerCase().startsWith('application/json') !== false) {
      return next.handle();
    }
    return next.handle().pipe(
      map((answer: unknown) => sendTo(reply, textOf(jsonOf(answer).url) ?? '')),
      catchError((error: unknown) => of(sendTo(reply, this.pageOf(error)))),
    );
  }

  /** @throws the error itself, when no page tells about it. */
  private pageOf(error: unknown): string {
    const told =
      error instanceof ServiceError &&
      (error.code === 'order_already_paid' || error.code === 'order_payment_pending');
    const paymentId = told ? textOf(jsonOf(error.details).paymentId) : undefined;
    if (paymentId === undefined) throw error;
    return this.urls.payPage(paymentId);
  }
}

function sendTo(reply: FastifyReply, url: string): undefined {
  void reply.code(303).header('location', url).header('cache-control', 'no-store');
  return undefined;
}
