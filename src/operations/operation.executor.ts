import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../database/database.js';
import type { Cause } from '../kernel/applied.js';
import { ServiceError } from '../kernel/errors.js';
import { failpoint } from '../kernel/failpoint.js';
import { ProviderError } from '../providers/provider.errors.js';
import { OperationHandlers } from './operation.handler.js';
import { askAgainAfter, type Operation, OperationStore } from './operation.store.js';

/** How an operation stands after it was executed. */
export type Settlement =
  /** Settled, by us or by whoever held it before. */
  | { kind: 'done' }
  /** The provider refused for certain: nothing happened there. */
  | { kind: 'refused'; error: ProviderError }
  /** Nobody knows; the janitor asks. */
  | { kind: 'unknown'; error: Error };

/** The longest wait, whatever the provider asks for. */
const LONGEST_WAIT_MS = 600_000;

/** Makes recorded calls, once or again, and writes down what came of them. */
@Injectable()
export class OperationExecutor {
  constructor(
    private readonly database: Database,
    private readonly operations: OperationStore,
    private readonly handlers: OperationHandlers,
  ) {}

  /** The operation must be leased to the caller. */
  async execute(operation: Operation, cause: Cause): Promise<Settlement> {
    const sent = await this.operations.markSent(this.database.db, operation);
    if (sent === undefined) return this.others(operation);
    const handler = this.handlers.of(sent.kind);
    try {
      const outcome = await handler.call(sent, cause);
      failpoint('provider-answered');
      if (!outcome.known) return await this.unknown(sent, outcome.error, cause);
      await this.settling(sent, async (tx) => {
        await outcome.value(tx);
        await this.operations.settle(tx, sent.id, 'done');
      });
      return { kind: 'done' };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      // An earlier sending may still have worked, so only a refusal on the merits is the last word.
      if (sent.attempts > 1 && !isOnTheMerits(error)) return this.unknown(sent, error, cause);
      await this.settling(sent, async (tx) => {
        await handler.refused(tx, sent, error, cause);
        if (!(await this.operations.settle(tx, sent.id, 'failed', error.message))) throw new SettledBefore();
      });
      return { kind: 'refused', error };
    }
  }

  /** Somebody else has settled it, or is making its call right now. */
  private async others({ id }: Operation): Promise<Settlement> {
    const isGoingOn = await this.operations.isUnsettled(this.database.db, id);
    return isGoingOn
      ? { kind: 'unknown', error: new Error('somebody else is making this call') }
      : { kind: 'done' };
  }

  private async unknown(operation: Operation, error: Error, cause: Cause): Promise<Settlement> {
    await this.settling(operation, async (tx) => {
      await this.handlers.of(operation.kind).unknown?.(tx, operation, cause);
      const waitMs = waitAfter(operation, error);
      if (!(await this.operations.markUnknown(tx, operation.id, error.message, waitMs)))
        throw new SettledBefore();
    });
    return { kind: 'unknown', error };
  }

  /** Locks the subject before the operation: in another order two would wait for each other. */
  private async settling(operation: Operation, work: (tx: Tx) => Promise<void>): Promise<void> {
    try {
      await this.database.transaction(async (tx) => {
        await this.handlers.of(operation.kind).lock?.(tx, operation);
        await work(tx);
      });
    } catch (error) {
      if (!(error instanceof SettledBefore)) throw error;
    }
  }
}

/** Whoever held the operation before has written down what came of it: what we have heard is older. */
class SettledBefore extends Error {}

/** A provider that was not reached, or did not let us in, says nothing about an earlier sending. */
function isOnTheMerits({ retryable, kind }: ProviderError): boolean {
  return !retryable && kind !== 'authentication';
}

/** Milliseconds until the provider is asked again. */
function waitAfter({ attempts }: Operation, error: Error): number {
  const wished = error instanceof ProviderError ? (error.details.retryAfterMs ?? 0) : 0;
  return Math.max(askAgainAfter(attempts), Math.min(wished, LONGEST_WAIT_MS));
}

/** @throws ServiceError unless it is done: what the refusal means, or unknown_outcome with these details. */
export function assertDone(settlement: Settlement, details: Record<string, unknown>): void {
  if (settlement.kind === 'done') return;
  if (settlement.kind === 'refused') throw settlement.error.toServiceError();
  const message = 'the provider did not answer; whether it acted is being found out';
  throw new ServiceError('unknown_outcome', message, details, { cause: settlement.error });
}
