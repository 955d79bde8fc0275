import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NATS_CALLER } from '../../http/access/caller.js';
import { SignupDto } from './signup.dto.js';
import { SignupEndpoint } from './signup.endpoint.js';

/** Signing up over NATS; the broker decides who may. */
@Controller()
export class SignupNatsController {
  constructor(private readonly signups: SignupEndpoint) {}

  @MessagePattern('payments.customers.create')
  create(@Payload() body: SignupDto): Promise<unknown> {
    return this.signups.signUp(body, NATS_CALLER);
  }
}
