import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/service.store.js';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { Ids } from '../../kernel/ids.js';
import { assertDone, type Settlement } from '../../operations/operation.executor.js';
import {
  type Answer,
  callOf,
  type OperationHandler,
  OperationHandlers,
} from '../../operations/operation.handler.js';
import { type NewOperation, type Operation, OperationStore } from '../../operations/operation.store.js';
import { type Next, OperationTurn } from '../../operations/operation.turn.js';
import type { CommandResult, CustomerCommand } from '../../providers/billing.ports.js';
import { isJson, jsonOf, metadataOf, textOf } from '../../providers/json.read.js';
import { andThen, known } from '../../providers/provider.calls.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { CardStore } from './card.store.js';
import { noCustomer, unusableCard } from './customer.js';
import { CustomerStore } from './customer.store.js';
import type { CustomerRow } from './customer.tables.js';
import { CustomerApplier, CustomerTruth } from './customer.truth.js';

const KINDS = [
  'create_customer',
  'update_customer',
  'delete_customer',
  'add_card',
  'remove_card',
  'set_default_card',
] as const;

export interface CustomerRequest {
  provider: string;
  command: CustomerCommand;
  /** The provider's id of what is acted upon, where it has one already. */
  target?: string | undefined;
  /** Default: a new one. */
  operationId?: string | undefined;
  /** What is to be written here when the provider has acted; no provider tells it. */
  after?: {
    /** The customer's own, in whole. */
    metadata?: Record<string, string> | undefined;
    /** The setup that the added card came of. */
    setupId?: string | undefined;
  };
}

/** Makes the recorded calls that are about customers and their cards. */
@Injectable()
export class CustomerOperations implements OperationHandler<CustomerCommand['kind']> {
  private readonly overtaken = new Set<string>();

  constructor(
    handlers: OperationHandlers,
    private readonly operations: OperationStore,
    private readonly customers: CustomerStore,
    private readonly cards: CardStore,
    private readonly applier: CustomerApplier,
    private readonly providers: ProviderRegistry,
    private readonly clock: DatabaseClock,
  ) {
    handlers.register(KINDS, this);
  }

  lock(tx: Tx, { subjectId }: Operation): Promise<unknown> {
    return this.customers.lockCustomer(tx, subjectId);
  }

  async call(operation: Operation & { kind: CustomerCommand['kind'] }): Promise<Answer> {
    const { customers } = this.providers.with(operation.provider, 'customers');
    const readFrom = await this.clock.now();
    const outcome = customers.run(operation.kind, callOf(operation));
    return andThen(outcome, (result) => known((tx) => this.writeAnswer(tx, operation, result, readFrom)));
  }

  /** What was to follow at other providers is not sent: the customer stays the same everywhere. */
  async refused(tx: Tx, { id, kind, subjectId }: Operation): Promise<void> {
    if (kind === 'create_customer') await this.customers.discardCustomer(tx, subjectId);
    for (;;) {
      const next = await this.operations.unsettledOf(tx, subjectId, id);
      if (next?.state !== 'prepared') return;
      await this.operations.settle(tx, next.id, 'failed', 'not sent: another provider refused');
    }
  }

  /** Whether the answer and what is kept may have overtaken each other: the provider is to be read again. */
  takeOvertaken(operationId: string): boolean {
    return this.overtaken.delete(operationId);
  }

  private async writeAnswer(
    tx: Tx,
    { id: operationId, subjectId: customerId, kind, request }: Operation,
    { facts, madeId }: CommandResult,
    readFrom: Date,
  ): Promise<void> {
    const { metadata, setupId } = jsonOf(request.after);
    for (const fact of facts) {
      if (fact.kind !== 'customer') continue;
      const reading = { fact: { ...fact, customerId }, readFrom };
      const ours = isJson(metadata) ? { ...metadataOf(metadata) } : undefined;
      const applied = await this.applier.apply(tx, reading, operationId, ours);
      if (applied.kind === 'parked') this.overtaken.add(operationId);
      if (kind !== 'add_card' || madeId === undefined) continue;
      const made = { customerId, operationId, providerSourceId: madeId };
      const sourceId = await this.applier.keepMadeCard(tx, fact, made);
      const ofSetup = textOf(setupId);
      if (sourceId !== undefined && ofSetup !== undefined)
        await this.cards.markSetupSaved(tx, ofSetup, { sourceId });
    }
  }
}

/** Asks providers about customers: one request at a time for each customer. */
@Injectable()
export class CustomerCalls {
  constructor(
    private readonly turn: OperationTurn,
    private readonly operations: OperationStore,
    private readonly customers: CustomerStore,
    private readonly providers: ProviderRegistry,
    private readonly ids: Ids,
    private readonly handler: CustomerOperations,
    private readonly truth: CustomerTruth,
  ) {}

  /**
   * Makes calls one after the other, when nothing about the customer is in doubt any more.
   * @param decide on them, under the customer's lock and without calling anybody.
   * @throws ServiceError not_found, operation_in_doubt, unknown_outcome (with `details.customerId`), card_unusable
   * naming the field, what the provider's refusal means, and what it cannot do by name.
   */
  make(
    customerId: string,
    cause: Cause,
    decide: (tx: Tx, customer: CustomerRow) => Promise<readonly CustomerRequest[]>,
  ): Promise<true> {
    return this.take(customerId, cause, async (tx) => {
      const customer = await this.customers.lockCustomer(tx, customerId);
      if (customer === undefined || customer.deletedAt !== null) throw noCustomer();
      const earlier = await this.turn.leftBehind(tx, customerId);
      if (earlier !== undefined) return earlier;
      const operations: Operation[] = [];
      for (const request of await decide(tx, customer))
        operations.push(await this.operations.prepare(tx, this.operationOf(customerId, request)));
      return { kind: 'call', operations };
    });
  }

  /** The call that makes a customer, recorded together with its rows. @throws as `make` does. */
  begin(operation: NewOperation, cause: Cause, insert: (tx: Tx) => Promise<void>): Promise<true> {
    return this.take(operation.subjectId, cause, async (tx) => {
      await insert(tx);
      return { kind: 'call', operations: [await this.operations.prepare(tx, operation)] };
    });
  }

  /** The exact call. @throws ServiceError for what the provider cannot do, by name. */
  operationOf(customerId: string, request: CustomerRequest): NewOperation {
    const { provider, command, target, operationId, after } = request;
    return {
      id: operationId ?? this.ids.next(),
      subjectId: customerId,
      provider,
      kind: command.kind,
      ...(target !== undefined && { target }),
      // Adapters take from a record what they have put there.
      request: {
        ...this.providers.with(provider, 'customers').customers.request(command),
        ...(after && { after }),
      },
    };
  }

  private take(customerId: string, cause: Cause, decide: (tx: Tx) => Promise<Next<true>>): Promise<true> {
    return this.turn.take<true>(
      {
        subject: `customer:${customerId}`,
        noun: 'customer',
        details: { customerId },
        decide,
        settled: async (operation, settlement, isEarlier) => {
          if (this.handler.takeOvertaken(operation.id) || isOutdated(settlement))
            await this.readAgain(operation);
          if (!isEarlier) assertSettled(operation, settlement);
        },
        result: () => Promise.resolve(true),
      },
      cause,
    );
  }

  /** The call itself is settled; if this fails, the provider's own events tell the same later. */
  private async readAgain({ subjectId, provider }: Operation): Promise<void> {
    try {
      await this.truth.refresh(subjectId, provider);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  }
}

/** The provider does not know what we believe that it has. */
function isOutdated(settlement: Settlement): boolean {
  if (settlement.kind !== 'refused') return false;
  return settlement.error.kind === 'not_found' || settlement.error.kind === 'card_unusable';
}

function assertSettled({ kind, subjectId }: Operation, settlement: Settlement): void {
  if (settlement.kind === 'refused' && settlement.error.kind === 'card_unusable') {
    const isByToken = kind === 'create_customer' || kind === 'add_card';
    throw unusableCard(isByToken ? 'token' : 'paymentSourceId', settlement.error);
  }
  assertDone(settlement, { customerId: subjectId });
}
