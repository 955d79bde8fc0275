import { type Observable, throwError } from 'rxjs';
import { type RpcErrorBody, rpcBodyOf } from '../../kernel/errors.js';
import type { PinoLogger } from '../logging/pino.logger.js';
import { bodyOf } from './error.answer.js';
import { toServiceError } from './error.mapping.js';
import { reportError } from './error.report.js';

/** Fails the reply with the uniform body and its HTTP status: Nest's transport sends it to the caller as `{err: body}`. */
export function answerRpcError(thrown: unknown, logger: PinoLogger): Observable<never> {
  const error = toServiceError(thrown);
  reportError(error, thrown, logger);
  return throwError((): RpcErrorBody => rpcBodyOf(bodyOf(error)));
}
