import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../database/database.js';
import { type Cause, JANITOR } from '../kernel/applied.js';
import { Clock } from '../kernel/clock.js';
import {
  type Answer,
  callOf,
  type OperationHandler,
  OperationHandlers,
} from '../operations/operation.handler.js';
import { type Operation, OperationStore } from '../operations/operation.store.js';
import type { PaymentFact } from '../providers/facts.js';
import type { ChargeResult } from '../providers/payment.ports.js';
import { andThen, inDoubt, known } from '../providers/provider.calls.js';
import { ProviderError } from '../providers/provider.errors.js';
import { ProviderRegistry } from '../providers/provider.registry.js';
import type { OwnFact, OwnWord } from './facts/own.facts.js';
import { PaymentFacts } from './facts/payment.facts.js';

const KINDS = ['create_session', 'expire_session', 'charge', 'close_charge'] as const;

const CHECK_AFTER_MS = 10 * 60_000;
/** A provider may show a charge as late as this after it was sent. */
const LANDING_MS = 3_600_000;
/** So many looks that come later than that and find nothing end it. */
const MISSES = 2;
/** The payment's failure when nothing was charged, for certain, and no provider said why. */
const NEVER_CHARGED = 'never_charged';

/**
 * Opens and closes sessions, makes charges, and closes those whose buyer does not come back from the bank. A charge is
 * sent once: it may have moved money, and is only looked for from then on.
 */
@Injectable()
export class PaymentOperations implements OperationHandler<(typeof KINDS)[number]> {
  constructor(
    handlers: OperationHandlers,
    private readonly database: Database,
    private readonly operations: OperationStore,
    private readonly facts: PaymentFacts,
    private readonly providers: ProviderRegistry,
    private readonly clock: Clock,
  ) {
    handlers.register(KINDS, this);
  }

  async call(operation: Operation, cause: Cause): Promise<Answer> {
    if (isClosing(operation)) return this.close(operation, cause);
    if (operation.kind === 'create_session') return this.open(operation, cause);
    // It may have been sent, if only by a process that died: only the first to mark it so may send it.
    if (operation.attempts > 1) return this.find(operation, cause);
    // The buyer who was waiting may be gone, and may have paid in another way.
    return cause === JANITOR ? this.neverCharged(operation, cause) : this.send(operation, cause);
  }

  async refused(tx: Tx, operation: Operation, error: ProviderError, cause: Cause): Promise<void> {
    const { providerCode, buyerMessage } = error.details;
    if (isClosing(operation)) return this.own(tx, operation, cause, { name: 'kept_open' });
    const refused = { name: 'never_opened', reason: providerCode ?? error.kind } as const;
    const answered = { name: 'charge_answered', buyerMessage, checkAt: this.clock.now() } as const;
    await this.own(tx, operation, cause, refused, ...(operation.kind === 'charge' ? [answered] : []));
  }

  async unknown(tx: Tx, operation: Operation, cause: Cause): Promise<void> {
    if (!isClosing(operation)) await this.own(tx, operation, cause, { name: 'outcome_unknown' });
  }

  private async open(operation: Operation, cause: Cause): Promise<Answer> {
    const { provider, subjectId: paymentId } = operation;
    const outcome = await this.providers.get(provider).createSession(callOf(operation));
    const occurredAt = this.clock.now();
    return andThen(outcome, ({ sessionId, providerPaymentId, ...session }) => {
      const ref = { provider, paymentId, sessionId, providerPaymentId };
      const fact: PaymentFact = { ...session, kind: 'payment', name: 'opened', ref, occurredAt };
      return known(async (tx) => void (await this.facts.apply(tx, fact, cause)));
    });
  }

  private async close(operation: Operation, cause: Cause): Promise<Answer> {
    const { kind, provider, request } = operation;
    const target = operation.target ?? '';
    const { providerPaymentId } = request;
    const session = {
      sessionId: target,
      ...(typeof providerPaymentId === 'string' && { providerPaymentId }),
    };
    const outcome =
      kind === 'close_charge'
        ? await this.providers.with(provider, 'charges').charges.close(callOf(operation), target)
        : await this.providers.get(provider).expireSession(callOf(operation), session);
    return andThen(outcome, ({ paid }) =>
      known((tx) => this.own(tx, operation, cause, { name: paid ? 'kept_open' : 'closed' })),
    );
  }

  private async send(operation: Operation, cause: Cause): Promise<Answer> {
    const { id: operationId, provider, request } = operation;
    const { charges } = this.providers.with(provider, 'charges');
    try {
      const outcome = await charges.send({ operationId, request });
      return andThen(outcome, (result) => this.charged(operation, result, cause));
    } catch (error) {
      // To be turned away for our pace, or by a fault of theirs, does not prove that nothing was charged.
      if (error instanceof ProviderError && error.retryable) return inDoubt(error);
      throw error;
    }
  }

  private async find(operation: Operation, cause: Cause): Promise<Answer> {
    const { id: operationId, provider, request, firstSentAt } = operation;
    if (firstSentAt === null) throw new Error(`operation ${operationId} was sent, and nobody knows when`);
    // Asked before looking: a charge that lands meanwhile was not missed.
    const isDue = await this.operations.wasSentBefore(this.database.db, operationId, LANDING_MS);
    const { charges } = this.providers.with(provider, 'charges');
    try {
      const found = await charges.find({ operationId, request, sentBefore: firstSentAt });
      if (found !== undefined) return this.charged(operation, found, cause);
    } catch (error) {
      // A failed lookup does not prove that the charge failed.
      if (error instanceof ProviderError) return inDoubt(error);
      throw error;
    }
    if (isDue && (await this.operations.countMiss(this.database.db, operationId)) >= MISSES)
      return this.neverCharged(operation, cause);
    return inDoubt(new Error('the charge is not found so far'));
  }

  private charged(operation: Operation, result: ChargeResult, cause: Cause): Answer {
    const now = this.clock.now();
    return known(async (tx) => {
      const checkAt = new Date(now.getTime() + CHECK_AFTER_MS);
      const { buyerMessage } = result;
      const answered = ownFactOf(operation, now, { name: 'charge_answered', buyerMessage, checkAt });
      const facts = [...factsOf(operation, result, now), answered];
      await this.facts.applyAll(
        tx,
        facts.map((fact) => ({ fact, cause })),
      );
    });
  }

  private neverCharged(operation: Operation, cause: Cause): Answer {
    return known((tx) => this.own(tx, operation, cause, { name: 'never_opened', reason: NEVER_CHARGED }));
  }

  private async own(tx: Tx, operation: Operation, cause: Cause, ...words: readonly OwnWord[]): Promise<void> {
    const now = this.clock.now();
    await this.facts.applyAll(
      tx,
      words.map((one) => ({ fact: ownFactOf(operation, now, one), cause })),
    );
  }
}

function ownFactOf({ provider, subjectId: paymentId }: Operation, occurredAt: Date, word: OwnWord): OwnFact {
  return { kind: 'own', ref: { provider, paymentId }, occurredAt, ...word };
}

function isClosing({ kind }: Operation): boolean {
  return kind === 'expire_session' || kind === 'close_charge';
}

/** Where the bank wants to see the buyer, the payment is pending, and its checkout is the bank's page. */
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
