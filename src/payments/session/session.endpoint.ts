import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { ExcessDecimals } from '../../kernel/money.js';
import type { CreateSessionDto } from './create-session.dto.js';
import { type SessionAnswer, sessionAnswer } from './session.answer.js';
import { SessionRequests } from './session.requests.js';
import { SessionService } from './session.service.js';

/** create-session as its callers know it, over REST and over NATS. */
@Injectable()
export class SessionEndpoint {
  constructor(
    private readonly requests: SessionRequests,
    private readonly sessions: SessionService,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** @param excess what happens to a price with more decimals than its currency has. */
  async create(dto: CreateSessionDto, caller: Caller, excess: ExcessDecimals): Promise<SessionAnswer> {
    const request = await this.requests.from(dto, caller, excess);
    return sessionAnswer(await this.sessions.open(request, caller));
  }

  /**
   * The same answer for the same Idempotency-Key; without one, as `create`.
   * @returns a SessionAnswer, as it was stored under the key.
   */
  async createOnce(dto: CreateSessionDto, caller: Caller, key: string | undefined): Promise<unknown> {
    // Browsers share a group, and need not know each other's keys.
    const group = caller.public ? `${caller.group}/${dto.orderId}` : caller.group;
    const asked = { caller: group, key, operation: 'create-session', request: dto };
    const answer = await this.idempotency.run(asked, async () => ({
      status: 201,
      body: await this.create(dto, caller, 'refuse'),
    }));
    return answer.body;
  }
}
