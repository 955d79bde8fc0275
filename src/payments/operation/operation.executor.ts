import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { Clock } from '../../kernel/clock.js';
import { failpoint } from '../../kernel/failpoint.js';
import type { PaymentFact } from '../../providers/facts.js';
import { ProviderError } from '../../providers/provider.errors.js';
import type { OpenedSession, Outcome, ProviderCall } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { FactApplier } from '../facts/fact.applier.js';
import { type Operation, OperationStore } from './operation.store.js';
import { OwnFactApplier } from '../payment/own.fact.applier.js';
import type { Cause } from '../payment/payment.changes.js';

/** How an operation stands after it was executed. */
export type Settlement =
  /** Settled, by us or by whoever held it before. */
  | { kind: 'done' }
  /** The provider refused for certain: nothing happened there. */
  | { kind: 'refused'; error: ProviderError }
  /** Nobody knows; the janitor asks. */
  | { kind: 'unknown'; error: Error };

const ASK_AGAIN_MS = 15_000;

@Injectable()
export class Appliers {
  constructor(
    readonly provider: FactApplier,
    readonly own: OwnFactApplier,
  ) {}
}

/** Makes recorded calls, once or again, and writes down what came of them. */
@Injectable()
export class OperationExecutor {
  constructor(
    private readonly database: Database,
    private readonly operations: OperationStore,
    private readonly appliers: Appliers,
    private readonly providers: ProviderRegistry,
    private readonly clock: Clock,
  ) {}

  /** The operation must be leased to the caller. */
  async execute(operation: Operation, cause: Cause): Promise<Settlement> {
    const attempts = await this.operations.markSent(this.database.db, operation.id);
    if (attempts === undefined) return { kind: 'done' };
    try {
      const outcome = await this.call(operation);
      failpoint('provider-answered');
      if (!outcome.known) return await this.unknown(operation, outcome.error, cause);
      await this.settling(operation, (tx) => outcome.value(tx, cause));
      return { kind: 'done' };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      // An earlier sending may still have worked, so only a refusal on the merits is the last word.
      if (error.retryable && attempts > 1) return this.unknown(operation, error, cause);
      return this.refused(operation, error, cause);
    }
  }

  /** Resolves to what has to be written once the answer is known. */
  private async call(operation: Operation): Promise<Outcome<(tx: Tx, cause: Cause) => Promise<void>>> {
    if (operation.kind === 'expire_session') return this.expire(operation);
    const session = await this.openSession(operation);
    if (!session.known) return session;
    return {
      known: true,
      value: async (tx, cause) => {
        await this.operations.settle(tx, operation.id, 'done');
        await this.appliers.provider.apply(tx, openedFact(operation, session.value, this.clock.now()), cause);
      },
    };
  }

  private async openSession(operation: Operation): Promise<Outcome<OpenedSession>> {
    return this.providers.get(operation.provider).createSession(callOf(operation));
  }

  private async expire(operation: Operation): Promise<Outcome<(tx: Tx, cause: Cause) => Promise<void>>> {
    const provider = this.providers.get(operation.provider);
    const { providerPaymentId } = operation.request;
    const outcome = await provider.expireSession(callOf(operation), {
      sessionId: operation.target ?? '',
      ...(typeof providerPaymentId === 'string' && { providerPaymentId }),
    });
    if (!outcome.known) return outcome;
    return {
      known: true,
      value: async (tx, cause) => {
        await this.operations.settle(tx, operation.id, 'done');
        if (outcome.value.paid) await this.appliers.own.stayedOpen(tx, operation.paymentId);
        else await this.appliers.own.apply(tx, operation.paymentId, 'closed', cause);
      },
    };
  }

  private async refused(operation: Operation, error: ProviderError, cause: Cause): Promise<Settlement> {
    await this.settling(operation, async (tx) => {
      if (!(await this.operations.settle(tx, operation.id, 'failed', error.message))) return;
      if (operation.kind === 'expire_session') return this.appliers.own.stayedOpen(tx, operation.paymentId);
      await this.appliers.own.apply(
        tx,
        operation.paymentId,
        'never_opened',
        cause,
        error.details.providerCode ?? error.kind,
      );
    });
    return { kind: 'refused', error };
  }

  private async unknown(operation: Operation, error: Error, cause: Cause): Promise<Settlement> {
    await this.settling(operation, async (tx) => {
      await this.operations.markUnknown(tx, operation.id, error.message, ASK_AGAIN_MS);
      if (operation.kind !== 'create_session') return;
      await this.appliers.own.apply(tx, operation.paymentId, 'outcome_unknown', cause);
    });
    return { kind: 'unknown', error };
  }

  /** A reservation locks the order and then its operation: in another order the two would wait for each other. */
  private async settling(operation: Operation, work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.appliers.own.lock(tx, operation.paymentId);
      await work(tx);
    });
  }
}

function callOf(operation: Operation): ProviderCall {
  const { id, request, firstSentAt } = operation;
  return { operationId: id, request, ...(firstSentAt !== null && { sentBefore: firstSentAt }) };
}

function openedFact(operation: Operation, session: OpenedSession, now: Date): PaymentFact {
  return {
    kind: 'payment',
    name: 'opened',
    ref: {
      provider: operation.provider,
      paymentId: operation.paymentId,
      sessionId: session.sessionId,
      providerPaymentId: session.providerPaymentId,
    },
    livemode: session.livemode,
    occurredAt: now,
    checkoutUrl: session.checkoutUrl,
    embed: session.embed,
    expiresAt: session.expiresAt,
  };
}
