import { Injectable } from '@nestjs/common';
import type { Caller } from '../../http/access/caller.js';
import { AllowedOrigins } from '../../http/allowed.origins.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import { firstAble, ProviderRegistry } from '../../providers/provider.registry.js';
import { CustomerDirectory } from '../customer/customer.directory.js';
import { type CreateSetupDto, setupAnswer } from './setup.dto.js';
import { SetupOpener, type SetupWish } from './setup.opener.js';

/** `POST /tokens`: a form on which a customer gives a card to the provider. */
@Injectable()
export class SetupsService {
  constructor(
    private readonly directory: CustomerDirectory,
    private readonly providers: ProviderRegistry,
    private readonly origins: AllowedOrigins,
    private readonly opener: SetupOpener,
    private readonly idempotency: IdempotencyService,
  ) {}

  /**
   * The same answer for the same Idempotency-Key.
   * @returns a SetupAnswer, as it was stored under the key.
   * @throws ServiceError not_found for the customer, invalid_request naming `successUrl`, unknown_outcome (with
   * `details.setupId`), and what the provider cannot do by name.
   */
  async open(dto: CreateSetupDto, caller: Caller, key?: string): Promise<unknown> {
    const successUrl = this.origins.check(dto.successUrl, 'successUrl');
    const asked = { caller: caller.group, key, operation: 'open-card-setup', request: dto };
    const answer = await this.idempotency.run(asked, async (resource) => {
      const wish = await this.wishOf({ ...dto, successUrl }, caller);
      const setup = await this.opener.openOnce(wish, resource);
      return { status: 201, body: setupAnswer(setup, this.opener.pageOf(setup.id)) };
    });
    return answer.body;
  }

  private async wishOf(dto: CreateSetupDto, caller: Caller): Promise<SetupWish> {
    const { customerId, successUrl, locale } = dto;
    const wish = { successUrl, locale, caller };
    if (customerId === undefined) {
      // No currency has a say in it.
      const able = this.providers.candidatesWith('cardSetups', '*', dto.provider);
      return { ...wish, provider: await firstAble(able, (one) => one) };
    }
    const customer = await this.directory.get(customerId, caller);
    const provider = this.providers.with(dto.provider ?? customer.provider, 'cardSetups');
    // Where the card can only be saved afterwards, too: what the provider needs to know is missed now, or too late.
    const providerCustomerId = await this.directory.accountAt(customer, provider.name, `api:${caller.name}`);
    return { ...wish, provider, customer: { id: customer.id, providerCustomerId } };
  }
}
