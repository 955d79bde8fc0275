import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { SignupDto } from './signup.dto.js';
import { SignupService } from './signup.service.js';

/** Signing up as callers know it, over REST and over NATS. */
@Injectable()
export class SignupEndpoint {
  constructor(
    private readonly signups: SignupService,
    private readonly idempotency: IdempotencyService,
  ) {}

  /**
   * The same answer for the same Idempotency-Key; without one, each call makes another customer.
   * @returns a SignupAnswer, as it was stored under the key.
   */
  async signUp(dto: SignupDto, caller: Caller, key?: string): Promise<unknown> {
    const asked = { caller: caller.group, key, operation: 'customers.create', request: dto };
    const answer = await this.idempotency.run(asked, async (resource) => ({
      status: 201,
      body: await this.signups.signUp(dto, caller, resource),
    }));
    return answer.body;
  }
}
