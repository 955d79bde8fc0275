import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { RpcException, type NatsContext } from '@nestjs/microservices';
import type { FastifyReply } from 'fastify';
import { throwError, type Observable } from 'rxjs';

/** A refusal that the caller is told: `{status, message}` over NATS, the status and the same body over HTTP. */
export class OrderError extends RpcException {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super({ status, message });
  }
}

/**
 * Gives HTTP and NATS callers the same body. Over NATS, Nest itself would turn a failed validation into
 * "Internal server error"; and a refused event would leave no trace, since nobody waits for its answer.
 */
@Catch()
export class OrdersErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('Orders');

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    const body = this.describe(error);
    if (host.getType() === 'rpc') {
      const subject = host.switchToRpc().getContext<NatsContext>().getSubject();
      this.logger.warn(`${subject} refused: ${JSON.stringify(body)}`);
      return throwError(() => body);
    }
    host.switchToHttp().getResponse<FastifyReply>().status(body.status).send(body);
  }

  private describe(error: unknown): { status: number; message: unknown } {
    if (error instanceof OrderError) return { status: error.status, message: error.message };
    if (error instanceof HttpException) return { status: error.getStatus(), message: reasonsOf(error) };
    this.logger.error(error instanceof Error ? error.stack : String(error));
    return { status: 500, message: 'Internal server error' };
  }
}

function reasonsOf(error: HttpException): unknown {
  const body = error.getResponse();
  return typeof body === 'object' && 'message' in body ? body.message : error.message;
}
