import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import {
  callOf,
  type OperationHandler,
  OperationHandlers,
  type WriteAnswer,
} from '../../operations/operation.handler.js';
import type { Operation } from '../../operations/operation.store.js';
import type { Outcome } from '../../providers/provider.port.js';
import { CapableProviders } from '../customer/capable.providers.js';
import { CardSetupStore } from './card.setup.store.js';

/** Opens forms for cards at the provider, as it was recorded. */
@Injectable()
export class SetupOperations implements OperationHandler {
  constructor(
    handlers: OperationHandlers,
    private readonly setups: CardSetupStore,
    private readonly providers: CapableProviders,
  ) {
    handlers.register(['create_card_setup'], this);
  }

  async lock(tx: Tx, { subjectId }: Operation): Promise<void> {
    await this.setups.lock(tx, subjectId);
  }

  async call(operation: Operation): Promise<Outcome<WriteAnswer>> {
    const { cardSetups } = this.providers.saving(operation.provider);
    const setup = await cardSetups.create(callOf(operation));
    if (!setup.known) return setup;
    return { known: true, value: (tx) => this.setups.markOpen(tx, operation.subjectId, setup.value) };
  }

  refused(tx: Tx, { subjectId }: Operation): Promise<void> {
    return this.setups.markFailed(tx, subjectId);
  }

  async unknown(): Promise<void> {
    // It stays `opening` until the provider has said more.
  }
}
