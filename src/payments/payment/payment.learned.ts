import type { PaymentFact } from '../../providers/facts.js';
import { isOpen } from './payment.js';
import type { PaymentRow } from './payment.tables.js';

/** What a fact tells of a payment beside its status: ids that were not known yet, and the method in use. */
export function learnedFrom(payment: PaymentRow, fact: PaymentFact): Partial<PaymentRow> {
  const paying = fact.name === 'succeeded' || fact.name === 'authorized';
  const candidates: Partial<PaymentRow> = {
    sessionId: payment.sessionId ?? fact.ref.sessionId,
    providerPaymentId: payment.providerPaymentId ?? fact.ref.providerPaymentId,
    // A declined attempt has a charge too, but not the one that pays.
    chargeId: paying ? (payment.chargeId ?? fact.ref.chargeId) : payment.chargeId,
    receiptUrl: fact.name === 'succeeded' ? (payment.receiptUrl ?? fact.receiptUrl) : payment.receiptUrl,
    checkoutUrl: payment.checkoutUrl ?? fact.checkoutUrl,
    embed: payment.embed ?? fact.embed,
    expiresAt: latest(payment.expiresAt, fact.expiresAt),
    method: methodAfter(payment, fact, paying),
    // What has ended is not asked about again, however late a word about its beginning comes.
    nextCheckAt: payment.nextCheckAt ?? (isOpen(payment.status) ? firstCheckAfter(fact) : null),
  };
  return changedOnly(payment, candidates);
}

/** When the provider is asked, should no event of it arrive. */
const FIRST_CHECK_MS = 10 * 60_000;

function firstCheckAfter(fact: PaymentFact): Date | null {
  const live = fact.name === 'opened' || fact.name === 'pending' || fact.name === 'authorized';
  return live ? new Date(fact.occurredAt.getTime() + FIRST_CHECK_MS) : null;
}

/** The method that pays wins; before that, the one that the customer tried last. */
function methodAfter(payment: PaymentRow, fact: PaymentFact, paying: boolean): PaymentRow['method'] {
  if (fact.method === undefined) return payment.method;
  if (paying) return payment.amountCaptured > 0n && payment.method !== null ? payment.method : fact.method;
  return fact.name === 'pending' && payment.amountCaptured === 0n ? fact.method : payment.method;
}

/** A voucher outlives the session that issued it. */
function latest(known: Date | null, told: Date | undefined): Date | null {
  if (known === null) return told ?? null;
  return told !== undefined && told > known ? told : known;
}

function changedOnly(payment: PaymentRow, candidates: Partial<PaymentRow>): Partial<PaymentRow> {
  const before: Record<string, unknown> = { ...payment };
  return Object.fromEntries(
    Object.entries(candidates).filter(([key, value]) => value !== undefined && !same(before[key], value)),
  );
}

function same(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
