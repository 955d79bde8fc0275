import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { Caller } from '../../http/access/caller.js';
import { IdempotencyService, requireIdempotencyKey } from '../../http/idempotency/idempotency.service.js';
import { Ids } from '../../kernel/ids.js';
import type { ExcessDecimals } from '../../kernel/money.js';
import { chargeAnswer } from './charge.answer.js';
import type { ChargeDto } from './charge.dto.js';
import { ChargeRequests } from './charge.requests.js';
import { ChargeService } from './charge.service.js';

/** A charge as its callers know it, over REST and over NATS: one key, one charge. */
@Injectable()
export class ChargeEndpoint {
  constructor(
    private readonly requests: ChargeRequests,
    private readonly charges: ChargeService,
    private readonly idempotency: IdempotencyService,
    private readonly ids: Ids,
    private readonly service: ServiceSettings,
  ) {}

  /**
   * @param excess what happens to a price with more decimals than its currency has.
   * @returns a ChargeAnswer, as it was stored under the key.
   * @throws ServiceError idempotency_key_required, and as ChargeService.
   */
  async charge(
    dto: ChargeDto,
    caller: Caller,
    key: string | undefined,
    excess: ExcessDecimals,
  ): Promise<unknown> {
    const asked = {
      caller: caller.group,
      key: requireIdempotencyKey(key),
      operation: 'charge',
      request: dto,
    };
    const answer = await this.idempotency.run(asked, async (resource) => {
      const paymentId = resource.id ?? this.ids.next();
      // Before anything is recorded, so that a repeat after a crash finds what was.
      if (resource.id === undefined) await resource.remember(paymentId);
      const ask = () => this.requests.from(dto, caller, excess);
      const payment = await this.charges.charge(paymentId, ask, caller);
      return { status: 201, body: chargeAnswer(payment, this.service.publicUrl) };
    });
    return answer.body;
  }
}
