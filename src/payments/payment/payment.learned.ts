import { changedOnly } from '../../kernel/applied.js';
import type { PaymentFact } from '../../providers/facts.js';
import { isOpen } from './payment.js';
import type { PaymentRow } from './payment.tables.js';

/** What a fact tells of a payment beside its status: ids that were not known yet, and the method in use. */
export function learnedFrom(payment: PaymentRow, fact: PaymentFact): Partial<PaymentRow> {
  const paying = fact.name === 'succeeded' || fact.name === 'authorized';
  return changedOnly(payment, {
    sessionId: payment.sessionId ?? fact.ref.sessionId ?? null,
    providerPaymentId: payment.providerPaymentId ?? fact.ref.providerPaymentId ?? null,
    // A declined attempt has a charge too, but not the one that pays.
    chargeId: payment.chargeId ?? (paying ? (fact.ref.chargeId ?? null) : null),
    receiptUrl: payment.receiptUrl ?? (fact.name === 'succeeded' ? (fact.receiptUrl ?? null) : null),
    checkoutUrl: payment.checkoutUrl ?? fact.checkoutUrl ?? null,
    embed: payment.embed ?? fact.embed ?? null,
    expiresAt: latest(payment.expiresAt, fact.expiresAt),
    method: methodAfter(payment, fact, paying),
    // What has ended is not asked about again, however late a word about its beginning comes.
    nextCheckAt: payment.nextCheckAt ?? (isOpen(payment.status) ? firstCheckAfter(fact) : null),
  });
}

/** When the provider is asked, should no event of it arrive. */
const FIRST_CHECK_MS = 10 * 60_000;

function firstCheckAfter(fact: PaymentFact): Date | null {
  const live = fact.name === 'opened' || fact.name === 'pending' || fact.name === 'authorized';
  return live ? new Date(fact.occurredAt.getTime() + FIRST_CHECK_MS) : null;
}

/** The method that pays wins; before that, the one that the customer tried last. */
function methodAfter(payment: PaymentRow, fact: PaymentFact, paying: boolean): PaymentRow['method'] {
  const { method, amountCaptured } = payment;
  if (fact.method === undefined || (amountCaptured > 0n && method !== null)) return method;
  return paying || (fact.name === 'pending' && amountCaptured === 0n) ? asStored(fact.method) : method;
}

/** JSON has no undefined: what is stored already is no change. */
function asStored<T extends object>(value: T): T {
  const stored = { ...value };
  for (const name in stored) if (stored[name] === undefined) delete stored[name];
  return stored;
}

/** A voucher outlives the session that issued it. */
function latest(known: Date | null, told: Date | undefined): Date | null {
  if (known === null) return told ?? null;
  return told !== undefined && told > known ? told : known;
}
