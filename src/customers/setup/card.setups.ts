import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import type { PaymentSourceRow } from '../card/card.tables.js';
import { CapableProviders } from '../customer/capable.providers.js';
import { CustomerRows } from '../customer/customer.rows.js';
import { CardSetupStore } from './card.setup.store.js';
import type { CardSetupRow } from './card.setup.tables.js';
import { SetupSaver } from './setup.saver.js';

/** What came of a form. */
export interface FinishedSetup {
  setup: CardSetupRow;
  /** The customer's new card; undefined where the form was for no customer, or the card is gone again. */
  card?: PaymentSourceRow | undefined;
  /** Of a form for no customer: for whoever asked for it. */
  token?: string | undefined;
}

@Injectable()
export class SetupRows {
  constructor(
    private readonly database: Database,
    private readonly setups: CardSetupStore,
    private readonly customers: CustomerRows,
  ) {}

  find(setupId: string): Promise<CardSetupRow | undefined> {
    return this.setups.find(this.database.db, setupId);
  }

  findAtProvider(provider: string, providerSetupId: string): Promise<CardSetupRow | undefined> {
    return this.setups.findByProviderSetup(this.database.db, provider, providerSetupId);
  }

  /** @throws ServiceError not_found */
  async get(setupId: string): Promise<CardSetupRow> {
    const setup = await this.find(setupId);
    if (setup === undefined) throw new ServiceError('not_found', 'there is no such form');
    return setup;
  }

  async finished(setup: CardSetupRow): Promise<FinishedSetup> {
    const { sourceId, token } = setup;
    if (setup.customerId === null) return { setup, token: token ?? undefined };
    const card = sourceId === null ? undefined : await this.customers.cards.find(this.database.db, sourceId);
    return { setup, card };
  }
}

/** Ends forms for cards: each gives one card or one token, however often it is told to be finished. */
@Injectable()
export class CardSetups {
  constructor(
    private readonly rows: SetupRows,
    private readonly providers: CapableProviders,
    private readonly saver: SetupSaver,
    private readonly clock: Clock,
  ) {}

  /** For the customer's pages: an unguessable id is all that a browser shows. */
  find(setupId: string): Promise<CardSetupRow | undefined> {
    return this.rows.find(setupId);
  }

  /**
   * @param token what the browser got, where the provider gives it to the browser.
   * @throws ServiceError not_found; transition_refused for a form that is not filled in, has expired or never opened;
   * card_unusable naming `token`, card_declined, operation_in_doubt, unknown_outcome. ProviderError when the provider
   * cannot be asked.
   */
  async finish(setupId: string, token?: string): Promise<FinishedSetup> {
    const setup = await this.rows.get(setupId);
    if (setup.state !== 'saved') {
      await this.saver.save(setup, await this.tokenFor(setup, token), `api:${setup.caller}`);
    }
    return this.rows.finished(await this.rows.get(setupId));
  }

  /** Its page may never be heard of again: the provider says that a form was filled in. @throws ProviderError */
  async finishAtProvider(provider: string, providerSetupId: string, cause: Cause): Promise<Applied> {
    const setup = await this.rows.findAtProvider(provider, providerSetupId);
    if (setup === undefined) return { kind: 'ignored', reason: 'a card form that is none of ours' };
    if (setup.state !== 'open') return { kind: 'stale', reason: `the card form is ${setup.state}` };
    const token = await this.providers.saving(provider).cardSetups.tokenOf(providerSetupId);
    if (token === undefined) return { kind: 'stale', reason: 'the card form is not filled in' };
    try {
      await this.saver.save(setup, token, cause);
      return { kind: 'applied', id: setup.id };
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'not_found') throw error;
      return { kind: 'stale', reason: 'the customer of the card form was deleted' };
    }
  }

  /** The provider's word counts before the browser's, and is good after the form's end. */
  private async tokenFor(setup: CardSetupRow, given: string | undefined): Promise<string> {
    if (setup.state !== 'open' || setup.providerSetupId === null)
      throw refused(`the form is ${setup.state === 'opening' ? 'not open yet' : 'none that ever opened'}`);
    const { cardSetups } = this.providers.saving(setup.provider);
    const told = await cardSetups.tokenOf(setup.providerSetupId);
    if (told !== undefined) return told;
    if (setup.expiresAt !== null && setup.expiresAt <= this.clock.now())
      throw refused('the form has expired: ask for a new one');
    const token = cardSetups.attachesCards ? undefined : (given ?? setup.token ?? undefined);
    if (token === undefined) throw refused('the form is not filled in yet');
    return token;
  }
}

function refused(message: string): ServiceError {
  return new ServiceError('transition_refused', message);
}
