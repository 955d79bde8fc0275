import { invalidField, ServiceError } from '../../kernel/errors.js';
import { isUuid } from '../../kernel/ids.js';
import { Injectable } from '@nestjs/common';
import { ServiceSettings } from '../../config/settings.js';
import type { CardSetupRow } from '../../customers/customer/customer.tables.js';
import { CardSetups, type FinishedSetup } from '../../customers/card/card.setups.js';
import { Clock } from '../../kernel/clock.js';
import { withSessionId } from '../../kernel/web.address.js';
import type { SessionEmbed } from '../../providers/facts.js';
import { homeOf, ShopHome, shopLink, shopUrl } from '../page/shop.url.js';
import type { Texts } from '../texts/texts.en.js';

/** What came of it so far. `over`: its time has passed, or the provider refused it. */
export type CardPageState = 'opening' | 'open' | 'saved' | 'over';

/** What whoever holds a setup's id may see: nothing of the customer is in it. */
export interface CardPage {
  setupId: string;
  provider: string;
  state: CardPageState;
  /** False: no real card is saved, and the page says so. */
  livemode: boolean;
  /** Undefined until the provider has opened its form. */
  embed?: SessionEmbed | undefined;
  /** The language that the shop asked for, a BCP 47 tag. */
  locale?: string | undefined;
  /** Saved, where the card is known here. */
  card?: { brand?: string | undefined; last4?: string | undefined } | undefined;
  /** Saved for no customer of ours: the shop uses the card with it, once. */
  token?: string | undefined;
  /** The shop's page for afterwards; undefined where it is one of ours. */
  shopUrl?: string | undefined;
  /** The shop, where that is not known. */
  homeUrl?: string | undefined;
}

/** Where the pages read setups from, and where a finished one is told. */
export abstract class CardPageSource {
  /** @param id a UUID. @returns undefined when there is no such setup. */
  protected abstract find(id: string): Promise<CardPage | undefined>;

  /**
   * Saves what the provider's form made; saved already, it stays as it is. `token` undefined: the provider is asked.
   * @throws ServiceError card_declined, card_unusable, and what a provider's call may end in
   */
  abstract finish(id: string, token: string | undefined): Promise<CardPage>;

  /** @param id from a query string: anything. @throws ServiceError invalid_request for none, not_found. */
  async get(id: unknown): Promise<CardPage> {
    if (typeof id !== 'string' || id === '') throw invalidField('setup', 'must be the id of a card setup');
    const setup = isUuid(id) ? await this.find(id.toLowerCase()) : undefined;
    if (setup === undefined) throw new ServiceError('not_found', 'there is no such card setup');
    return setup;
  }
}

/** The shop's page, with the token of a card that belongs to no customer of ours. */
export function continueUrlOf({ shopUrl, token }: CardPage): string | undefined {
  if (shopUrl === undefined || token === undefined) return shopUrl;
  const url = new URL(shopUrl);
  url.searchParams.set('token', token);
  return url.href;
}

export function homeOfShop({ shopUrl, homeUrl }: CardPage, texts: Texts) {
  const links = shopLink(homeOf(shopUrl) ?? homeUrl, texts).map((link) => ({ ...link, leavesFrame: true }));
  return { links, closing: links.length === 0 ? texts.close : undefined };
}

/** The origin of the shop's page; undefined where its host holds what would end a policy's directive. */
export function shopOriginOf({ shopUrl }: CardPage): string | undefined {
  const origin = shopUrl === undefined ? '' : new URL(shopUrl).origin;
  return /^https?:\/\/(\[[0-9a-f:]+\]|[\w.-]+)(:\d+)?$/.test(origin) ? origin : undefined;
}

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

  protected async find(id: string): Promise<CardPage | undefined> {
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
export function shopAddress(setup: Pick<CardSetupRow, 'id' | 'providerSetupId' | 'successUrl'>) {
  const { id, providerSetupId, successUrl } = setup;
  return successUrl === null ? null : withSessionId(successUrl, providerSetupId ?? id);
}

export function stateOf(
  { state, expiresAt }: Pick<CardSetupRow, 'state' | 'expiresAt'>,
  now: Date,
): CardPageState {
  if (state === 'failed') return 'over';
  return state === 'open' && expiresAt !== null && expiresAt <= now ? 'over' : state;
}
