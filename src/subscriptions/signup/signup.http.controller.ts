import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { IdempotencyKey } from '../../http/idempotency/idempotency.service.js';
import { SignupDto } from './signup.dto.js';
import { SignupEndpoint } from './signup.endpoint.js';
import { SignupAnswer } from './signup.view.js';

@ApiTags('customers')
@ApiBearerAuth()
@Controller('customers')
export class SignupHttpController {
  constructor(private readonly signups: SignupEndpoint) {}

  /** Makes a customer; with a plan, subscribes it in the same call. */
  @Post()
  @ApiCreatedResponse({ type: SignupAnswer })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  create(
    @Body() body: SignupDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    return this.signups.signUp(body, caller, key);
  }
}
