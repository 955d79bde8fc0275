import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { PinoLogger } from '../logging/pino.logger.js';
import { answerHttpError } from './http.error.answer.js';
import { answerRpcError } from './rpc.error.answer.js';

/** The only filter of the service: whatever is thrown, over HTTP or NATS, gets the same body. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: PinoLogger) {}

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | undefined {
    if (host.getType() === 'rpc') return answerRpcError(thrown, this.logger);
    answerHttpError(thrown, host.switchToHttp().getRequest(), host.switchToHttp().getResponse(), this.logger);
    return undefined;
  }
}
