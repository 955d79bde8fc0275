import { Body, Controller, Get, HttpCode, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { Public } from '../http/access/access.guard.js';
import { type Caller, CurrentCaller } from '../http/access/caller.js';
import { FormBody } from '../http/body/body.parsers.js';
import { IdempotencyKey } from '../http/idempotency/idempotency.service.js';
import { ChargeAnswer, ChargeDto } from './charge/charge.dto.js';
import { ChargeService } from './charge/charge.service.js';
import { PaymentResource } from './payment/payment.view.js';
import { ListPaymentsDto } from './payment/payments.dto.js';
import { PaymentList, PaymentsService } from './payment/payments.service.js';
import { FormRedirect } from './session/form.redirect.js';
import { CreateSessionDto, SessionAnswer } from './session/session.dto.js';
import { SessionService } from './session/session.service.js';

/** What a form can only send as text. */
const FORM_TYPES = {
  numbers: ['price', 'unitAmount', 'quantity', 'installments', 'expiresIn'],
  booleans: ['onDemand'],
};

@ApiTags('checkout sessions')
@ApiBearerAuth()
@Controller('payments')
export class SessionsHttpController {
  constructor(private readonly sessions: SessionService) {}

  /**
   * Opens a checkout session for an order, or answers the one that is open already. An HTML form is answered by a
   * redirect to the checkout.
   */
  @Post(['create-session', 'create-payment-session'])
  @Public()
  @FormBody(FORM_TYPES)
  @UseInterceptors(FormRedirect)
  @HttpCode(201)
  @ApiConsumes('application/json', 'application/x-www-form-urlencoded')
  @ApiCreatedResponse({ type: SessionAnswer })
  @ApiResponse({ status: 303, description: 'To a form: the checkout is at `location`.' })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  create(
    @Body() body: CreateSessionDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    return this.sessions.createOnce(body, caller, key);
  }
}

@ApiTags('payments')
@ApiBearerAuth()
@Controller('payments')
export class ChargesHttpController {
  constructor(private readonly charges: ChargeService) {}

  /**
   * Charges a card without a checkout page. A declined card is an answer too: its payment has failed. While
   * `nextAction` is there, the buyer's bank wants to see the buyer.
   */
  @Post('charge')
  @HttpCode(201)
  @ApiCreatedResponse({ type: ChargeAnswer })
  @ApiHeader({ name: 'Idempotency-Key', required: true })
  charge(
    @Body() body: ChargeDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    return this.charges.chargeOnce(body, caller, key, 'refuse');
  }
}

@ApiTags('payments')
@ApiBearerAuth()
@Controller('payments')
export class PaymentsHttpController {
  constructor(private readonly payments: PaymentsService) {}

  /** Payments, newest first. */
  @Get()
  list(@Query() query: ListPaymentsDto, @CurrentCaller() caller: Caller): Promise<PaymentList> {
    return this.payments.list(query, caller);
  }

  /** One payment. */
  @Get(':id')
  get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<PaymentResource> {
    return this.payments.get(id, caller);
  }
}
