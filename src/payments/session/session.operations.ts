import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database/database.js';
import type { Cause } from '../../kernel/applied.js';
import { Clock } from '../../kernel/clock.js';
import {
  callOf,
  type OperationHandler,
  OperationHandlers,
  type WriteAnswer,
} from '../../operations/operation.handler.js';
import type { Operation } from '../../operations/operation.store.js';
import type { PaymentFact } from '../../providers/facts.js';
import type { OpenedSession } from '../../providers/payment.ports.js';
import type { Outcome } from '../../providers/provider.calls.js';
import type { ProviderError } from '../../providers/provider.errors.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { FactApplier } from '../facts/fact.applier.js';
import { PaymentApplier } from '../payment/payment.applier.js';

/** Opens and closes sessions at the provider, as it was recorded. */
@Injectable()
export class SessionOperations implements OperationHandler {
  constructor(
    handlers: OperationHandlers,
    private readonly facts: FactApplier,
    private readonly payments: PaymentApplier,
    private readonly providers: ProviderRegistry,
    private readonly clock: Clock,
  ) {
    handlers.register(['create_session', 'expire_session'], this);
  }

  async lock(tx: Tx, operation: Operation): Promise<void> {
    await this.payments.lock(tx, operation.subjectId);
  }

  call(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    return operation.kind === 'expire_session' ? this.close(operation, cause) : this.open(operation, cause);
  }

  async refused(tx: Tx, operation: Operation, error: ProviderError, cause: Cause): Promise<void> {
    const { subjectId, kind } = operation;
    if (kind === 'expire_session') return this.payments.closing(tx, subjectId, false, cause);
    const reason = error.details.providerCode ?? error.kind;
    await this.payments.applyOwn(tx, subjectId, 'never_opened', cause, reason);
  }

  async unknown(tx: Tx, { kind, subjectId }: Operation, cause: Cause): Promise<void> {
    if (kind === 'create_session') await this.payments.applyOwn(tx, subjectId, 'outcome_unknown', cause);
  }

  private async open(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const session = await this.providers.get(operation.provider).createSession(callOf(operation));
    if (!session.known) return session;
    const fact = openedFact(operation, session.value, this.clock.now());
    return { known: true, value: async (tx) => void (await this.facts.apply(tx, fact, cause)) };
  }

  private async close(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const provider = this.providers.get(operation.provider);
    const { providerPaymentId } = operation.request;
    const outcome = await provider.expireSession(callOf(operation), {
      sessionId: operation.target ?? '',
      ...(typeof providerPaymentId === 'string' && { providerPaymentId }),
    });
    if (!outcome.known) return outcome;
    const { paid } = outcome.value;
    return { known: true, value: (tx) => this.payments.closing(tx, operation.subjectId, !paid, cause) };
  }
}

function openedFact(operation: Operation, session: OpenedSession, now: Date): PaymentFact {
  return {
    kind: 'payment',
    name: 'opened',
    ref: {
      provider: operation.provider,
      paymentId: operation.subjectId,
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
