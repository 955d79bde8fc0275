import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NATS_CALLER } from '../../http/access/caller.js';
import { type SignupAnswer, SignupDto } from './signup.dto.js';
import { SignupService } from './signup.service.js';

/** Signing up over NATS; the broker decides who may. */
@Controller()
export class SignupNatsController {
  constructor(private readonly signups: SignupService) {}

  @MessagePattern('payments.customers.create')
  create(@Payload() body: SignupDto): Promise<SignupAnswer> {
    return this.signups.signUp(body, NATS_CALLER);
  }
}
