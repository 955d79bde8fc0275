import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { Clock } from '../../kernel/clock.js';
import { ServiceError } from '../../kernel/errors.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { CardStore } from '../customer/card.store.js';
import { noCustomer } from '../customer/customer.js';
import { CustomerStore } from '../customer/customer.store.js';
import type { CardSetupRow, PaymentSourceRow } from '../customer/customer.tables.js';
import { CustomerTruth } from '../customer/customer.truth.js';
import { SourcesService } from './sources.service.js';

export interface FinishedSetup {
  setup: CardSetupRow;
  /** The customer's new card; undefined where the form was for no customer, or the card is gone again. */
  card?: PaymentSourceRow | undefined;
  /** Of a form for no customer: for whoever asked for it. */
  token?: string | undefined;
}

/** Ends forms for cards: each gives one card or one token, however often it is finished. */
@Injectable()
export class CardSetups {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerStore,
    private readonly cards: CardStore,
    private readonly sources: SourcesService,
    private readonly providers: ProviderRegistry,
    private readonly truth: CustomerTruth,
    private readonly clock: Clock,
  ) {}

  /** For the customer's pages: an unguessable id is all that a browser shows. */
  find(setupId: string): Promise<CardSetupRow | undefined> {
    return this.cards.findSetup(this.database.db, setupId);
  }

  /**
   * @param token what the browser got, where the provider gives it to the browser.
   * @throws ServiceError not_found; transition_refused for a form that is not filled in, has expired or never opened;
   * card_unusable naming `token`, card_declined, operation_in_doubt, unknown_outcome. ProviderError when the provider
   * cannot be asked.
   */
  async finish(setupId: string, token?: string): Promise<FinishedSetup> {
    const setup = await this.get(setupId);
    if (setup.state !== 'saved')
      await this.save(setup, await this.tokenFor(setup, token), `api:${setup.caller}`);
    const finished = await this.get(setupId);
    if (finished.customerId === null) return { setup: finished, token: finished.token ?? undefined };
    const { sourceId } = finished;
    const card = sourceId === null ? undefined : await this.cards.findCard(this.database.db, sourceId);
    return { setup: finished, card };
  }

  /** By the provider's word that the form was filled in: its page may never come back. @throws ProviderError */
  async finishAtProvider(provider: string, providerSetupId: string, cause: Cause): Promise<Applied> {
    const setup = await this.cards.findSetupAtProvider(this.database.db, provider, providerSetupId);
    if (setup === undefined) return { kind: 'ignored', reason: 'a card form that is none of ours' };
    if (setup.state !== 'open') return { kind: 'stale', reason: `the card form is ${setup.state}` };
    const token = await this.providers.with(provider, 'cardSetups').cardSetups.tokenOf(providerSetupId);
    if (token === undefined) return { kind: 'stale', reason: 'the card form is not filled in' };
    try {
      await this.save(setup, token, cause);
      return { kind: 'applied', id: setup.id };
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'not_found') throw error;
      return { kind: 'stale', reason: 'the customer of the card form was deleted' };
    }
  }

  /** Gives the card to whom it is for. @throws ServiceError as CustomerCalls.make does; ProviderError. */
  private async save(setup: CardSetupRow, token: string, cause: Cause): Promise<void> {
    const { db } = this.database;
    const { id: setupId, customerId, provider } = setup;
    if (customerId === null) return this.cards.markSetupSaved(db, setupId, { token });
    const customer = await this.customers.findCustomer(db, customerId);
    if (customer === undefined || customer.deletedAt !== null) throw noCustomer();
    const { attachesCards } = this.providers.with(provider, 'cardSetups').cardSetups;
    const card = attachesCards ? await this.attached(customerId, provider, token) : undefined;
    if (card === undefined) {
      // The card is the customer's in the moment in which the setup is saved.
      const unless = async (tx: Tx): Promise<boolean> =>
        (await this.cards.lockSetup(tx, setupId))?.state === 'saved';
      return this.sources.addCard(customer, { token, provider }, cause, { setupId, unless });
    }
    await this.cards.markSetupSaved(db, setupId, { sourceId: card.id });
    const cards = await this.cards.cardsOf(db, [customerId], provider);
    if (cards.some(({ isDefault }) => isDefault)) return;
    try {
      await this.sources.makeCardDefault(card, cause);
    } catch (error) {
      // The card is saved all the same; callers see that it is not the default, and can change that.
      if (!(error instanceof ServiceError)) throw error;
    }
  }

  /** The card that the provider has given to the customer already. */
  private async attached(
    customerId: string,
    provider: string,
    providerSourceId: string,
  ): Promise<PaymentSourceRow | undefined> {
    await this.truth.refresh(customerId, provider);
    const card = await this.cards.findByProviderId(this.database.db, provider, providerSourceId);
    return card?.customerId === customerId && card.removedAt === null ? card : undefined;
  }

  private async get(setupId: string): Promise<CardSetupRow> {
    const setup = await this.find(setupId);
    if (setup === undefined) throw new ServiceError('not_found', 'there is no such form');
    return setup;
  }

  /** The provider's word counts before the browser's, and is good after the form's end. */
  private async tokenFor(setup: CardSetupRow, given: string | undefined): Promise<string> {
    if (setup.state !== 'open' || setup.providerSetupId === null)
      throw refused(`the form is ${setup.state === 'opening' ? 'not open yet' : 'none that ever opened'}`);
    const { cardSetups } = this.providers.with(setup.provider, 'cardSetups');
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
