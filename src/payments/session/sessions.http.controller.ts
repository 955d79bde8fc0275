import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { CurrentCaller } from '../../http/access/current-caller.decorator.js';
import { Public } from '../../http/access/public.decorator.js';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyKey } from '../../http/idempotency/idempotency-key.js';
import { CreateSessionDto } from './create-session.dto.js';
import { SessionAnswer } from './session.answer.js';
import { ItemsBound } from './items.bound.js';
import { SessionEndpoint } from './session.endpoint.js';

@ApiTags('checkout sessions')
@ApiBearerAuth()
@Controller('payments')
export class SessionsHttpController {
  constructor(private readonly sessions: SessionEndpoint) {}

  /** Opens a checkout session for an order, or answers the one that is open already. */
  @Post(['create-session', 'create-payment-session'])
  @Public()
  @UseGuards(ItemsBound)
  @HttpCode(201)
  @ApiCreatedResponse({ type: SessionAnswer })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  create(
    @Body() body: CreateSessionDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    return this.sessions.createOnce(body, caller, key);
  }
}
