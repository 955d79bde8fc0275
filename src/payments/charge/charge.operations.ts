import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../database/database.js';
import { type Cause, JANITOR } from '../../kernel/applied.js';
import { Clock } from '../../kernel/clock.js';
import {
  callOf,
  type OperationHandler,
  OperationHandlers,
  type WriteAnswer,
} from '../../operations/operation.handler.js';
import { type Operation, OperationStore } from '../../operations/operation.store.js';
import type { PaymentFact } from '../../providers/facts.js';
import type { ChargeResult, ChargesPort } from '../../providers/payment.ports.js';
import type { Outcome } from '../../providers/provider.calls.js';
import { ProviderError } from '../../providers/provider.errors.js';
import { can } from '../../providers/provider.port.js';
import { ProviderRegistry } from '../../providers/provider.registry.js';
import { FactApplier } from '../facts/fact.applier.js';
import { PaymentApplier } from '../payment/payment.applier.js';

const CHECK_AFTER_MS = 10 * 60_000;

/** A provider may show a charge as late as this after it was sent. */
const LANDING_MS = 3_600_000;
/** So many looks that come later than that and find nothing end it. */
const MISSES = 2;

/** The payment's failure when nothing was charged, for certain, and no provider said why. */
const NEVER_CHARGED = 'never_charged';

/**
 * Makes charges, each of them once: what was sent may move money, and is only ever looked for. Closes those whose buyer
 * does not come back from the bank.
 */
@Injectable()
export class ChargeOperations implements OperationHandler {
  constructor(
    handlers: OperationHandlers,
    private readonly database: Database,
    private readonly operations: OperationStore,
    private readonly facts: FactApplier,
    private readonly payments: PaymentApplier,
    private readonly providers: ProviderRegistry,
    private readonly clock: Clock,
  ) {
    handlers.register(['charge', 'close_charge'], this);
  }

  async lock(tx: Tx, operation: Operation): Promise<void> {
    await this.payments.lock(tx, operation.subjectId);
  }

  async call(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    if (operation.kind === 'close_charge') return this.close(operation, cause);
    // It may have been sent, if only by a process that died: only the first to mark it so may send it.
    if (operation.attempts > 1) return this.find(operation, cause);
    // The buyer who was waiting may be gone, and may have paid in another way.
    return cause === JANITOR ? this.neverCharged(operation, cause) : this.send(operation, cause);
  }

  async refused(tx: Tx, operation: Operation, error: ProviderError, cause: Cause): Promise<void> {
    const { kind, subjectId } = operation;
    if (kind === 'close_charge') return this.payments.closing(tx, subjectId, false, cause);
    const { providerCode, buyerMessage } = error.details;
    await this.payments.applyOwn(tx, subjectId, 'never_opened', cause, providerCode ?? error.kind);
    await this.payments.completeCharge(tx, subjectId, { buyerMessage, checkAt: this.clock.now() });
  }

  async unknown(tx: Tx, { kind, subjectId }: Operation, cause: Cause): Promise<void> {
    if (kind === 'charge') await this.payments.applyOwn(tx, subjectId, 'outcome_unknown', cause);
  }

  private async close(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const { subjectId, target } = operation;
    const outcome = await this.chargesAt(operation).close(callOf(operation), target ?? '');
    if (!outcome.known) return outcome;
    const { paid } = outcome.value;
    return { known: true, value: (tx) => this.payments.closing(tx, subjectId, !paid, cause) };
  }

  private async send(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const { id: operationId, request } = operation;
    try {
      const outcome = await this.chargesAt(operation).send({ operationId, request });
      return outcome.known ? this.answer(operation, outcome.value, cause) : outcome;
    } catch (error) {
      // To be turned away for our pace, or by a fault of theirs, is no proof that nothing was charged.
      if (error instanceof ProviderError && error.retryable) return { known: false, error };
      throw error;
    }
  }

  private async find(operation: Operation, cause: Cause): Promise<Outcome<WriteAnswer>> {
    const { id: operationId, request, firstSentAt } = operation;
    if (firstSentAt === null) throw new Error(`operation ${operationId} was sent, and nobody knows when`);
    // Asked before looking: a charge that lands meanwhile was not missed.
    const isDue = await this.operations.wasSentBefore(this.database.db, operation.id, LANDING_MS);
    try {
      const charges = this.chargesAt(operation);
      const found = await charges.find({ operationId, request, sentBefore: firstSentAt });
      if (found !== undefined) return this.answer(operation, found, cause);
    } catch (error) {
      // A failed lookup does not prove that the charge failed.
      if (error instanceof ProviderError) return { known: false, error };
      throw error;
    }
    if (isDue && (await this.operations.countMiss(this.database.db, operationId)) >= MISSES)
      return this.neverCharged(operation, cause);
    return { known: false, error: new Error('the charge is not found so far') };
  }

  private answer(operation: Operation, result: ChargeResult, cause: Cause): Outcome<WriteAnswer> {
    const { subjectId } = operation;
    const now = this.clock.now();
    const write = async (tx: Tx): Promise<void> => {
      for (const fact of factsOf(operation, result, now)) await this.facts.apply(tx, fact, cause);
      const checkAt = new Date(now.getTime() + CHECK_AFTER_MS);
      await this.payments.completeCharge(tx, subjectId, { buyerMessage: result.buyerMessage, checkAt });
    };
    return { known: true, value: write };
  }

  private neverCharged({ subjectId }: Operation, cause: Cause): Outcome<WriteAnswer> {
    return {
      known: true,
      value: (tx) => this.payments.applyOwn(tx, subjectId, 'never_opened', cause, NEVER_CHARGED),
    };
  }

  private chargesAt({ provider: name }: Operation): ChargesPort {
    const provider = this.providers.get(name);
    if (!can(provider, 'charges')) throw new Error(`${name} does not charge without a checkout page`);
    return provider.charges;
  }
}

/**
 * What a charge's answer says of its payment. Where the bank wants to see the buyer, the payment is pending, and its
 * checkout is the bank's page.
 */
function factsOf(
  { provider, subjectId: paymentId }: Operation,
  { facts, livemode, continueAt: checkoutUrl }: ChargeResult,
  now: Date,
): readonly PaymentFact[] {
  if (checkoutUrl === undefined) return facts;
  const ref = facts.at(-1)?.ref ?? { provider, paymentId };
  const pending: PaymentFact = { kind: 'payment', name: 'pending', ref, livemode, occurredAt: now };
  const all = facts.some(({ name }) => name === 'pending') ? facts : [...facts, pending];
  return all.map((fact) => (fact.name === 'pending' ? { ...fact, checkoutUrl } : fact));
}
