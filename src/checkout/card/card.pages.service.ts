import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { invalidField, ServiceError } from '../../kernel/errors.js';
import { type CardPage, type CardPageCard, CardPageSource, continueUrlOf } from './card.page.js';

/** What the page's script is told about the card that was saved. */
export interface SavedCardAnswer {
  saved: true;
  /** Null: it belongs to no customer here. */
  card: { brand: string | null; last4: string | null } | null;
  /** Of such a card: what the shop uses it with. */
  token: string | null;
  continueTo: string | null;
}

/** Finds the setup that a page is about, by what the URL says, and finishes it. */
@Injectable()
export class CardPagesService {
  constructor(private readonly setups: CardPageSource) {}

  /**
   * @param id from a query string: anything.
   * @throws ServiceError invalid_request where nothing is named, not_found for an id that is unknown or none at all.
   */
  async get(id: unknown): Promise<CardPage> {
    if (typeof id !== 'string' || id === '') throw invalidField('setup', 'must be the id of a card setup');
    const setup = isUuid(id) ? await this.setups.find(id.toLowerCase()) : undefined;
    if (setup === undefined) throw new ServiceError('not_found', 'there is no such card setup');
    return setup;
  }

  /** @throws ServiceError not_found, card_unusable, card_declined, and what a provider's call may end in. */
  async finish(id: string, token: string | undefined): Promise<SavedCardAnswer> {
    const { setupId } = await this.get(id);
    const setup = await this.setups.finish(setupId, token);
    return {
      saved: true,
      card: setup.card === undefined ? null : cardAnswer(setup.card),
      token: setup.token ?? null,
      continueTo: continueUrlOf(setup) ?? null,
    };
  }
}

function cardAnswer({ brand, last4 }: CardPageCard): SavedCardAnswer['card'] {
  return { brand: brand ?? null, last4: last4 ?? null };
}
