import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { ServiceError } from '../../kernel/errors.js';
import { Ids } from '../../kernel/ids.js';
import { assertDone, OperationExecutor, type Settlement } from '../../operations/operation.executor.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { unusableCard } from '../card/unusable.card.js';
import { CapableProviders } from './capable.providers.js';
import { CustomerAnswers } from './customer.operations.js';
import { type PlannedCommand, recordOf } from './customer.record.js';
import { CustomerStore } from './customer.store.js';
import type { CustomerRow } from './customer.tables.js';
import { CustomerTruth } from './customer.truth.js';

/** Decides under the customer's lock, without calling anybody. Empty: there is nothing to do. */
export type Decide = (tx: Tx, customer: CustomerRow) => Promise<readonly PlannedCommand[]>;

/** Records what is to be asked of a provider. */
@Injectable()
export class CustomerRecorder {
  constructor(
    private readonly database: Database,
    private readonly customers: CustomerStore,
    private readonly operations: OperationStore,
    private readonly providers: CapableProviders,
    private readonly ids: Ids,
  ) {}

  /** @throws ServiceError for what the provider cannot do, by name. */
  record(tx: Tx, customerId: string, planned: PlannedCommand): Promise<Operation> {
    const { provider, command, target, operationId, after } = planned;
    return this.operations.prepare(tx, {
      id: operationId ?? this.ids.next(),
      subjectId: customerId,
      provider,
      kind: command.kind,
      ...(target !== undefined && { target }),
      request: recordOf(this.providers.keeping(provider).customers.plan(command), after),
    });
  }

  /**
   * What is to be called next: what somebody left behind, which comes first, or what is decided now.
   * @throws ServiceError not_found; operation_in_doubt while somebody else calls.
   */
  next(customerId: string, decide: Decide): Promise<{ isLeftover: boolean; operations: Operation[] }> {
    return this.database.transaction(async (tx) => {
      const customer = await this.customers.lock(tx, customerId);
      if (customer === undefined || customer.deletedAt !== null) throw noCustomer();
      const unsettled = await this.operations.unsettledOf(tx, customerId);
      if (unsettled !== undefined) {
        const leftover = await this.operations.takeOver(tx, unsettled.id);
        if (leftover === undefined) throw inDoubt(customerId);
        return { isLeftover: true, operations: [leftover] };
      }
      const operations: Operation[] = [];
      for (const planned of await decide(tx, customer))
        operations.push(await this.record(tx, customerId, planned));
      return { isLeftover: false, operations };
    });
  }
}

/** Calls about customers: recorded, made one after the other, and answered for. */
@Injectable()
export class CustomerCalls {
  constructor(
    private readonly recorder: CustomerRecorder,
    private readonly executor: OperationExecutor,
    private readonly answers: CustomerAnswers,
    private readonly truth: CustomerTruth,
    private readonly signal: OutboxSignal,
  ) {}

  /**
   * Makes the calls that are decided on, when nothing about the customer is in doubt any more.
   * @throws ServiceError not_found, operation_in_doubt, unknown_outcome (with `details.customerId`), card_unusable
   * naming the field, and what the provider's refusal means.
   */
  async make(customerId: string, cause: Cause, decide: Decide): Promise<readonly Operation[]> {
    for (;;) {
      const { isLeftover, operations } = await this.recorder.next(customerId, decide);
      for (const operation of operations) {
        const settlement = await this.settle(operation, cause);
        if (!isLeftover) assertSettled(operation, settlement);
        else if (settlement.kind === 'unknown') throw inDoubt(customerId);
      }
      if (!isLeftover) return operations;
    }
  }

  /** One call that was recorded by whoever asks. @throws as `make` does. */
  async execute(operation: Operation, cause: Cause): Promise<void> {
    assertSettled(operation, await this.settle(operation, cause));
  }

  private async settle(operation: Operation, cause: Cause): Promise<Settlement> {
    const settlement = await this.executor.execute(operation, cause);
    this.signal.wake();
    if (this.answers.takeOvertaken(operation.id) || isOutdated(settlement)) {
      await this.readAgain(operation, cause);
    }
    return settlement;
  }

  /** The call itself is settled; if this fails, the provider's own events tell the same later. */
  private async readAgain({ subjectId, provider }: Operation, cause: Cause): Promise<void> {
    try {
      await this.truth.refresh(subjectId, provider, cause);
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
    throw unusableCard(
      kind === 'create_customer' || kind === 'add_card' ? 'token' : 'paymentSourceId',
      settlement.error,
    );
  }
  assertDone(settlement, { customerId: subjectId });
}

export function noCustomer(): ServiceError {
  return new ServiceError('not_found', 'there is no such customer');
}

function inDoubt(customerId: string): ServiceError {
  return new ServiceError('operation_in_doubt', 'another request for this customer has not ended yet', {
    customerId,
  });
}
