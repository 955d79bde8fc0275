import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { OutboxSignal } from '../../outbox/outbox.signal.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import type { Applied, Cause } from '../../kernel/applied.js';
import { PaymentFacts } from './payment.facts.js';
import { PaymentStore } from '../payment/payment.store.js';

/** Asks the provider what is true of a payment now, and applies it. */
@Injectable()
export class ProviderTruth {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentStore,
    private readonly providers: ProviderRegistry,
    private readonly facts: PaymentFacts,
    private readonly signal: OutboxSignal,
  ) {}

  /** @throws ProviderError when the provider cannot be asked. */
  async refresh(paymentId: string, cause: Cause): Promise<Applied[]> {
    const payment = await this.payments.findById(this.database.db, paymentId);
    const provider = payment === undefined ? undefined : this.providers.find(payment.provider);
    if (payment === undefined || provider === undefined) return [];
    const facts = await provider.retrieve({
      provider: payment.provider,
      paymentId: payment.id,
      orderId: payment.orderId ?? undefined,
      sessionId: payment.sessionId ?? undefined,
      providerPaymentId: payment.providerPaymentId ?? undefined,
      chargeId: payment.chargeId ?? undefined,
    });
    const told = facts.map((fact) => ({ fact, cause }));
    const decisions = await this.database.transaction((tx) => this.facts.applyAll(tx, told));
    await this.payments.endChecks(this.database.db, paymentId);
    this.signal.wake();
    return decisions.map(({ applied }) => applied);
  }
}
