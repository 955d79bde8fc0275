import { Body, Controller, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../../http/access/caller.js';
import { Public } from '../../http/access/access.guard.js';
import { FormBody } from '../../http/body/body.parsers.js';
import { IdempotencyKey } from '../../http/idempotency/idempotency.service.js';
import { CreateSessionDto, SessionAnswer } from './session.dto.js';
import { FormRedirect } from './form.redirect.js';
import { SessionService } from './session.service.js';

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
