import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { IdempotencyKey } from '../../http/idempotency/idempotency.service.js';
import { CreateSetupDto } from './create-setup.dto.js';
import { SetupAnswer } from './setup.answer.js';
import { SetupsService } from './setups.service.js';

@ApiTags('payment sources')
@ApiBearerAuth()
@Controller('tokens')
export class TokensHttpController {
  constructor(private readonly setups: SetupsService) {}

  /** Opens a form on which a customer gives one card to the provider; its number never comes here. */
  @Post()
  @HttpCode(201)
  @ApiCreatedResponse({ type: SetupAnswer })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  open(
    @Body() body: CreateSetupDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    return this.setups.open(body, caller, key);
  }
}
