import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import { CardSetups, type FinishedSetup } from '../../customers/card/card.setups.js';
import type { CardSetupRow } from '../../customers/customer/customer.tables.js';
import { Clock } from '../../kernel/clock.js';
import { withSessionId } from '../../kernel/web.address.js';
import { ShopHome, shopUrl } from '../http.url.js';
import { type CardPage, CardPageSource, type CardPageState } from './card.page.js';

/** The pages' view of our setups. */
@Injectable()
export class StoredCardPages extends CardPageSource {
  constructor(
    private readonly setups: CardSetups,
    private readonly service: ServiceSettings,
    private readonly clock: Clock,
    private readonly shop: ShopHome,
  ) {
    super();
  }

  async find(id: string): Promise<CardPage | undefined> {
    const setup = await this.setups.find(id);
    // Finishing what is saved changes nothing: it tells what came of it.
    return setup?.state === 'saved' ? this.finish(id, undefined) : setup && this.pageOf({ setup });
  }

  async finish(id: string, token: string | undefined): Promise<CardPage> {
    return this.pageOf(await this.setups.finish(id, token));
  }

  private pageOf({ setup, card, token }: FinishedSetup): CardPage {
    return {
      setupId: setup.id,
      provider: setup.provider,
      state: stateOf(setup, this.clock.now()),
      livemode: setup.livemode,
      embed: setup.embed ?? undefined,
      locale: setup.locale ?? undefined,
      card: card && { brand: card.brand ?? undefined, last4: card.last4 ?? undefined },
      token,
      shopUrl: shopUrl(shopAddress(setup), this.service.publicUrl),
      homeUrl: this.shop.url,
    };
  }
}

/** With the id of the provider's form where the shop wants one. */
export function shopAddress({
  id,
  providerSetupId,
  successUrl,
}: Pick<CardSetupRow, 'id' | 'providerSetupId' | 'successUrl'>): string | null {
  return successUrl === null ? null : withSessionId(successUrl, providerSetupId ?? id);
}

export function stateOf(
  { state, expiresAt }: Pick<CardSetupRow, 'state' | 'expiresAt'>,
  now: Date,
): CardPageState {
  if (state === 'failed') return 'over';
  return state === 'open' && expiresAt !== null && expiresAt <= now ? 'over' : state;
}
