import { RESERVED_METADATA } from '../../http/validation/text.rules.js';
import { type Applied, OTHER_INSTALLATION } from '../../kernel/applied.js';
import { derivedId, isUuid } from '../../kernel/ids.js';
import type { Fact, PaymentFact, PaymentRef } from '../../providers/facts.js';
import { slotOf } from '../payment/payment.js';
import type { PaymentRow } from '../payment/payment.tables.js';
import { decideDispute } from './dispute.decision.js';
import type { OwnFact } from './own.facts.js';
import { decideOwn, decidePayment } from './payment.decision.js';
import {
  awaitedOf,
  type Decision,
  type DecisionRules,
  newPayment,
  PaymentDraft,
  type PaymentState,
  type PaymentsView,
  stateOf,
  type ToldFact,
  unchanged,
} from './payment.state.js';
import { decideRefund } from './refund.decision.js';

/** Its row may be about to be committed, or is lost. */
export const PAYMENT_UNKNOWN = 'payment_unknown';

/**
 * The one way in which anything moves a payment: webhooks, the janitor, the answers of API calls, replay. Pure: all that
 * it depends on is in its arguments, and it changes none of them.
 */
export function decide(view: PaymentsView, told: ToldFact, rules: DecisionRules): Decision {
  const { fact } = told;
  if (fact.kind === 'own') return decideOurs(view, { ...told, fact }, rules);
  const found = paymentOf(view, fact.ref);
  if (found !== undefined && found.row.provider !== fact.ref.provider)
    return conflict(`payment ${found.row.id} is at ${found.row.provider}`);
  if (found === undefined || isAnotherPayment(found.row, fact.ref))
    return decideUnknown(view, { ...told, fact }, found, rules);
  if (found.row.livemode !== fact.livemode) return conflict('another mode than the payment');
  switch (fact.kind) {
    case 'refund':
      return decideRefund(view, { ...told, fact }, found, rules);
    case 'dispute':
      return decideDispute(view, { ...told, fact }, found, rules);
    case 'payment': {
      // One that an attempt of long ago made known is announced when it is paid since.
      const announced = found.row.announced || (isDated(fact) && isNews(fact, rules));
      const draft = new PaymentDraft(found, view.slot(slotOf(found.row)), told, rules);
      if (announced !== found.row.announced) draft.learn({ announced });
      return decidePayment(view, fact, draft, rules);
    }
  }
}

/**
 * What has to be locked before it is decided, as far as the payments are known: `isKnown`, a payment has it. Undefined:
 * it will change nothing.
 */
export function slotKeyOf(
  view: Pick<PaymentsView, 'find'>,
  { fact, waited = false }: Pick<ToldFact, 'fact' | 'waited'>,
  rules: DecisionRules,
): { key: string; isKnown: boolean } | undefined {
  const found = paymentOf(view, fact.ref);
  if (found !== undefined) return { key: slotOf(found.row), isKnown: true };
  if (fact.kind === 'own')
    return fact.name === 'billed' ? { key: slotOf(fact.payment), isKnown: false } : undefined;
  const whose = fact.kind === 'payment' ? whoseIs(fact.ref, waited, rules) : undefined;
  if (whose?.kind !== 'claimed') return undefined;
  const { orderId = null } = fact.ref;
  const id = orderId === null ? whose.paymentId : (whose.paymentId ?? idOfAdopted(fact.ref));
  return id === undefined ? undefined : { key: slotOf({ id, orderId }), isKnown: false };
}

/** The payment that it is about; else the one whose id it carries, though its money is another's. */
export function paymentOf(view: Pick<PaymentsView, 'find'>, ref: PaymentRef): PaymentState | undefined {
  const found = view.find(ref);
  if (found === undefined || !isAnotherPayment(found.row, ref)) return found;
  const exact = view.find({ ...ref, paymentId: undefined });
  return exact !== undefined && !isAnotherPayment(exact.row, ref) ? exact : found;
}

/**
 * Two sessions can carry one payment's id, when the answer to the first was lost. The second one's money is
 * another payment of the same order, and never hides behind the first.
 */
function isAnotherPayment(payment: PaymentRow, theirs: PaymentRef): boolean {
  return (
    payment.providerPaymentId !== null &&
    theirs.providerPaymentId !== undefined &&
    payment.providerPaymentId !== theirs.providerPaymentId
  );
}

function decideOurs(
  view: PaymentsView,
  { fact, ...told }: ToldFact & { fact: OwnFact },
  rules: DecisionRules,
): Decision {
  const payment = view.find(fact.ref);
  if (fact.name !== 'billed') {
    if (payment === undefined) throw new Error(`payment ${fact.ref.paymentId} is gone`);
    return decideOwn(view, { ...told, fact }, payment, rules);
  }
  const cycle = fact.payment;
  if (payment === undefined) {
    const draft = new PaymentDraft(stateOf(cycle), view.slot(slotOf(cycle)), told, rules, true);
    draft.step({ fact: 'created', event: 'payment.created', occurredAt: fact.occurredAt });
    return draft.decision({ kind: 'applied', id: cycle.id });
  }
  const draft = new PaymentDraft(payment, view.slot(slotOf(payment.row)), told, rules);
  const { subscriptionId, customerId } = cycle;
  if (payment.row.subscriptionId === null) draft.learn({ subscriptionId, customerId });
  return draft.decision({ kind: 'applied', id: payment.row.id });
}

/** @param relative the payment whose id this money carries, when it came through another session of it. */
function decideUnknown(
  view: PaymentsView,
  told: ToldFact & { fact: Fact },
  relative: PaymentState | undefined,
  rules: DecisionRules,
): Decision {
  const { fact, waited = false } = told;
  if (fact.kind === 'refund' && fact.neverCaptured === true)
    return unchanged({ kind: 'ignored', reason: 'never_captured' });
  const whose: Whose =
    relative === undefined
      ? whoseIs(fact.ref, waited, rules)
      : { kind: 'claimed', ours: true, paymentId: undefined };
  if (fact.kind !== 'payment') {
    const isKnown = whose.kind === 'ignored' || whose.kind === 'quarantined';
    return unchanged(
      isKnown ? whose : { kind: 'parked', reason: PAYMENT_UNKNOWN, waitsFor: awaitedOf(fact.ref) },
    );
  }
  if (relative !== undefined && fact.name !== 'succeeded' && fact.name !== 'authorized')
    return unchanged({ kind: 'stale', reason: 'another attempt of a payment that goes on' });
  if (whose.kind !== 'claimed') return unchanged(whose);
  return adopt(view, { ...told, fact }, relative?.row, whose, rules);
}

/** What is known of a payment without a row: `paymentId` is the id that we gave it. */
type Whose =
  { kind: 'claimed'; ours: boolean; paymentId: string | undefined } | Exclude<Applied, { kind: 'applied' }>;

/**
 * Whose a payment is that we have no row of. What another installation made is its own. What carries an id of the
 * kind that we give is waited for: its row may be on its way; then it is ours if it was made under an id of ours (the
 * row is lost, as after a restored backup), and otherwise nobody can tell.
 */
function whoseIs(
  { installationId, paymentId, ...ref }: PaymentRef,
  waited: boolean,
  rules: DecisionRules,
): Whose {
  const ours = installationId !== undefined && rules.isOurs(installationId);
  if (installationId !== undefined && !ours) return { kind: 'ignored', reason: OTHER_INSTALLATION };
  // The replaced service's own ids are none of ours.
  if (paymentId === undefined || !isUuid(paymentId)) return { kind: 'claimed', ours, paymentId: undefined };
  if (!waited) return { kind: 'parked', reason: PAYMENT_UNKNOWN, waitsFor: awaitedOf({ ...ref, paymentId }) };
  if (ours) return { kind: 'claimed', ours, paymentId };
  return { kind: 'quarantined', reason: 'a payment that is not here, and names no installation' };
}

/** Makes a payment of money that we have no row of: sessions of the service that was replaced, lost rows, second sessions. */
function adopt(
  view: PaymentsView,
  told: ToldFact & { fact: PaymentFact },
  relative: PaymentRow | undefined,
  whose: Extract<Whose, { kind: 'claimed' }>,
  rules: DecisionRules,
): Decision {
  const { fact, now } = told;
  const orderId = (relative === undefined ? fact.ref.orderId : relative.orderId) || null;
  if (relative === undefined && orderId === null && whose.paymentId === undefined)
    return unchanged({ kind: 'ignored', reason: 'not_ours' });
  const id = whose.paymentId ?? idOfAdopted(fact.ref);
  const { money } = fact;
  if (money === undefined || fact.name === 'opened' || id === undefined)
    return unchanged({ kind: 'ignored', reason: 'nothing_to_adopt' });
  const slot = view.slot(slotOf(relative ?? { id, orderId }));
  const asked = relative ?? ownOpen(view, slot.openPaymentId);
  const isWhatWasAsked =
    asked === undefined || (asked.amount === money.amount && asked.currency === money.currency);
  const row = newPayment(now, {
    id,
    orderId,
    provider: fact.ref.provider,
    livemode: fact.livemode,
    // What comes in is compared with this: money that is not what its order asks for is put before a person.
    amount: asked?.amount ?? money.amount,
    currency: asked?.currency ?? money.currency,
    capture: relative?.capture ?? (fact.name === 'authorized' && isWhatWasAsked ? 'manual' : 'automatic'),
    sessionId: fact.ref.sessionId ?? null,
    providerPaymentId: fact.ref.providerPaymentId ?? null,
    items: relative?.items ?? [],
    metadata: relative?.metadata ?? (whose.ours ? callersOwn(fact.metadata) : {}),
    adopted: relative === undefined,
    announced: !isDated(fact) || isNews(fact, rules),
    customerId: relative?.customerId ?? null,
    subscriptionId: relative?.subscriptionId ?? null,
    caller: relative?.caller ?? 'nats',
  });
  const draft = new PaymentDraft(stateOf(row), slot, told, rules, true);
  // A voucher of the replaced service is this order's live attempt, where there is no other.
  const isLive = fact.name === 'pending' || fact.name === 'authorized' || fact.name === 'attempt_failed';
  if (isLive && slot.openPaymentId === null && slot.paidPaymentId === null)
    draft.setSlot({ openPaymentId: id });
  return decidePayment(view, fact, draft, rules);
}

/** The order's live attempt, if we opened it: it says what the order asks for. */
function ownOpen(view: PaymentsView, openPaymentId: string | null): PaymentRow | undefined {
  const open = openPaymentId === null ? undefined : view.payment(openPaymentId)?.row;
  return open?.adopted === false ? open : undefined;
}

/** What we made ourselves is told, however long ago it was paid. */
function isNews({ ref: { installationId }, occurredAt }: PaymentFact, rules: DecisionRules): boolean {
  if (installationId !== undefined && rules.isOurs(installationId)) return true;
  return occurredAt >= rules.adoptSince;
}

/**
 * What may be told long after it happened: a provider tells declined attempts together with the payment that came of
 * them. Everything else is how things stand now.
 */
function isDated({ name }: PaymentFact): boolean {
  return name === 'succeeded' || name === 'attempt_failed';
}

/** The same whenever and wherever it is heard of. Undefined where the provider's ids do not say which payment it is. */
function idOfAdopted({ provider, providerPaymentId, sessionId, chargeId }: PaymentRef): string | undefined {
  const theirs = providerPaymentId ?? sessionId ?? chargeId;
  return theirs === undefined ? undefined : derivedId('payment', provider, theirs);
}

/** Without the keys that we add ourselves. */
function callersOwn(metadata: PaymentFact['metadata']): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata ?? {}).filter(([key]) => !RESERVED_METADATA.has(key)));
}

function conflict(reason: string): Decision {
  return unchanged({ kind: 'conflict', reason });
}
