import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { NATS_CALLER } from '../http/access/caller.js';
import { oneLine } from '../http/validation/text.rules.js';
import { jsonOf } from '../providers/json.read.js';
import { ChargeMessageDto } from './charge/charge.dto.js';
import { ChargeService } from './charge/charge.service.js';
import type { PaymentResource } from './payment/payment.view.js';
import { GetPaymentDto, ListPaymentsDto } from './payment/payments.dto.js';
import { type PaymentList, PaymentsService } from './payment/payments.service.js';
import { CreateSessionDto, type SessionAnswer } from './session/session.dto.js';
import { SessionService } from './session/session.service.js';

const LISTS = ['items', 'taxes', 'shipping', 'discounts'];

/** Makes spaces of line breaks in the names of lines, before validation refuses them: replaced services passed them on. */
@Injectable()
class LineBreaks implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const body = jsonOf(context.switchToRpc().getData());
    const lines: unknown[] = LISTS.map((name) => body[name])
      .filter(Array.isArray)
      .flat();
    for (const line of lines) if (isNamed(line)) line.name = oneLine(line.name);
    return next.handle();
  }
}

function isNamed(line: unknown): line is { name: string } {
  return typeof line === 'object' && line !== null && 'name' in line && typeof line.name === 'string';
}

/** The requests that other services send over NATS; the broker decides who may. */
@Controller()
export class PaymentsNatsController {
  constructor(
    private readonly sessions: SessionService,
    private readonly payments: PaymentsService,
    private readonly charges: ChargeService,
  ) {}

  /** Both ways in which the services of this architecture write the pattern; ORDERS_REQUEST_SUBJECTS names more. */
  @UseInterceptors(LineBreaks)
  @MessagePattern(['create.payment.session', { cmd: 'create.payment.session' }])
  createSession(@Payload() body: CreateSessionDto): Promise<SessionAnswer> {
    return this.sessions.create(body, NATS_CALLER, 'round-half-up');
  }

  /** The key comes in the body: there is no header. */
  @UseInterceptors(LineBreaks)
  @MessagePattern('payments.charge')
  charge(@Payload() { idempotencyKey, ...body }: ChargeMessageDto): Promise<unknown> {
    return this.charges.chargeOnce(body, NATS_CALLER, idempotencyKey, 'round-half-up');
  }

  @MessagePattern('payments.get')
  get(@Payload() body: GetPaymentDto): Promise<PaymentResource> {
    return this.payments.get(body.paymentId, NATS_CALLER);
  }

  @MessagePattern('payments.list')
  list(@Payload() query: ListPaymentsDto): Promise<PaymentList> {
    return this.payments.list(query, NATS_CALLER);
  }
}
