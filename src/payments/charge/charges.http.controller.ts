import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from '../../http/access/caller.js';
import { IdempotencyKey } from '../../http/idempotency/idempotency.service.js';
import { ChargeAnswer, ChargeDto } from './charge.dto.js';
import { ChargeService } from './charge.service.js';

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
