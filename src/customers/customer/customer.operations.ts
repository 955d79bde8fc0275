import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/database.clock.js';
import type { Tx } from '../../database/database.js';
import { Ids } from '../../kernel/ids.js';
import {
  callOf,
  type OperationHandler,
  OperationHandlers,
  type WriteAnswer,
} from '../../operations/operation.handler.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import type { CustomerFact } from '../../providers/billing.facts.js';
import type { CommandResult, CustomerCommand } from '../../providers/billing.ports.js';
import type { Outcome } from '../../providers/provider.port.js';
import { CardSetupStore } from '../setup/card.setup.store.js';
import { CapableProviders } from './capable.providers.js';
import { CustomerApplier } from './customer.applier.js';
import { cardsOf } from './customer.change.js';
import { aftermathOf } from './customer.record.js';
import { CustomerRows } from './customer.rows.js';

const KINDS = [
  'create_customer',
  'update_customer',
  'delete_customer',
  'add_card',
  'remove_card',
  'set_default_card',
] as const satisfies CustomerCommand['kind'][];

/** What an answer is written with. */
@Injectable()
export class CustomerAnswers {
  private readonly overtaken = new Set<string>();

  constructor(
    private readonly applier: CustomerApplier,
    private readonly rows: CustomerRows,
    private readonly setups: CardSetupStore,
    private readonly ids: Ids,
  ) {}

  async lock(tx: Tx, customerId: string): Promise<void> {
    await this.rows.customers.lock(tx, customerId);
  }

  /** The customer was to be made at its first provider, which refused. */
  async discard(tx: Tx, customerId: string): Promise<void> {
    await this.rows.customers.discard(tx, customerId);
  }

  async write(tx: Tx, operation: Operation, { facts, madeId }: CommandResult, readFrom: Date): Promise<void> {
    const { metadata, setupId } = aftermathOf(operation.request);
    for (const fact of facts) {
      if (fact.kind !== 'customer') continue;
      const named = { ...fact, customerId: operation.subjectId };
      const applied = await this.applier.apply(tx, { fact: named, readFrom }, metadata);
      if (applied.kind === 'parked') this.overtaken.add(operation.id);
      if (operation.kind === 'add_card' && madeId !== undefined)
        await this.keepMade(tx, operation, named, { madeId, setupId });
    }
  }

  /** Whether what the answer said may be behind what is kept, or the reverse: the provider is to be read again. */
  takeOvertaken(operationId: string): boolean {
    return this.overtaken.delete(operationId);
  }

  /** Also where the answer was overtaken: whoever asked for the card has to learn its id. */
  private async keepMade(
    tx: Tx,
    operation: Operation,
    fact: CustomerFact,
    { madeId, setupId }: { madeId: string; setupId: string | undefined },
  ): Promise<void> {
    const made = cardsOf(fact).find(({ providerSourceId }) => providerSourceId === madeId);
    // Taken away again, before the answer was here.
    if (made === undefined) return;
    const { id: operationId, subjectId: customerId, provider } = operation;
    const card = { ...made, id: this.ids.next(), customerId, provider };
    const { id: sourceId } = await this.rows.cards.keepMade(tx, card, operationId);
    if (setupId !== undefined) await this.setups.markSaved(tx, setupId, { sourceId });
  }
}

/** Makes the recorded calls that are about customers and their cards. */
@Injectable()
export class CustomerOperations implements OperationHandler {
  constructor(
    handlers: OperationHandlers,
    private readonly answers: CustomerAnswers,
    private readonly operations: OperationStore,
    private readonly providers: CapableProviders,
    private readonly clock: DatabaseClock,
  ) {
    handlers.register(KINDS, this);
  }

  lock(tx: Tx, { subjectId }: Operation): Promise<void> {
    return this.answers.lock(tx, subjectId);
  }

  async call(operation: Operation): Promise<Outcome<WriteAnswer>> {
    const { customers } = this.providers.keeping(operation.provider);
    const readFrom = await this.clock.now();
    const outcome = await customers.run(kindOf(operation), callOf(operation));
    if (!outcome.known) return outcome;
    return { known: true, value: (tx) => this.answers.write(tx, operation, outcome.value, readFrom) };
  }

  /** What was to follow at other providers is not sent: the customer stays one and the same. */
  async refused(tx: Tx, { kind, subjectId }: Operation): Promise<void> {
    if (kind === 'create_customer') await this.answers.discard(tx, subjectId);
    for (;;) {
      const next = await this.operations.unsettledOf(tx, subjectId);
      if (next?.state !== 'prepared') return;
      await this.operations.settle(tx, next.id, 'failed', 'not sent: another provider refused');
    }
  }

  async unknown(): Promise<void> {
    // It stays as it is until the provider has said more.
  }
}

/** @throws Error for an operation that is not this room's. */
function kindOf({ kind }: Operation): CustomerCommand['kind'] {
  const found = KINDS.find((one) => one === kind);
  if (found === undefined) throw new Error(`operations of kind ${kind} are none of a customer's`);
  return found;
}
