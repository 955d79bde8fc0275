import { Body, Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Caller, CurrentCaller } from '../../http/access/caller.js';
import { IdempotencyKey, IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import { SignupAnswer, SignupDto } from './signup.dto.js';
import { SignupService } from './signup.service.js';

@ApiTags('customers')
@ApiBearerAuth()
@Controller('customers')
export class SignupHttpController {
  constructor(
    private readonly signups: SignupService,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** Makes a customer; with a plan, subscribes it in the same call. */
  @Post()
  @ApiCreatedResponse({ type: SignupAnswer })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  create(
    @Body() body: SignupDto,
    @CurrentCaller() caller: Caller,
    @IdempotencyKey() key: string | undefined,
  ): Promise<unknown> {
    const asked = { caller: caller.group, key, operation: 'customers.create', request: body };
    return this.idempotency.make(asked, (resource) => this.signups.signUp(body, caller, resource));
  }
}
