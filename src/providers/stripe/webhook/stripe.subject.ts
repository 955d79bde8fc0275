import type { BillingSubject } from '../../billing.facts.js';
import type { PaymentRef } from '../../facts.js';
import { idOf, type Json, jsonOf, metadataOf, textOf } from '../../json.read.js';
import type { WebhookEvent, WebhookSubject } from '../../webhook.ports.js';
import { readCharge } from '../payment/stripe.charge.read.js';
import { readIntent } from '../payment/stripe.intent.read.js';
import { refOfMoneyBack } from '../payment/stripe.refund.facts.js';
import { readSession } from '../session/stripe.session.read.js';
import { subscriptionOf } from '../subscription/stripe.invoice.read.js';
import { CONFIRMED_EVENTS } from './stripe.confirm.js';
import { forEvents, readEvent } from './stripe.event.js';
import { pathOfNamed, readThin, type ThinEvent } from './stripe.thin.js';
import { TRANSLATED_EVENTS } from './stripe.webhook.facts.js';

type SubjectOf = (object: Json, before: Json) => BillingSubject | undefined;

/** Other events of invoices repeat these, or their subscription's. */
const INVOICE_EVENTS =
  'finalized marked_uncollectible paid payment_action_required payment_failed updated voided';
const SUBSCRIPTION_EVENTS =
  'created deleted paused pending_update_applied pending_update_expired resumed updated';

const customer: SubjectOf = ({ id }) => customerSubject(textOf(id));
/** A detached card names its customer only in `before`. */
const cardHolder: SubjectOf = (card, before) => customerSubject(idOf(card.customer) ?? idOf(before.customer));
/** A product holds a plan's name; our metadata names its price, else it is the default one. */
const product: SubjectOf = ({ metadata, default_price }) =>
  planSubject(textOf(metadataOf(metadata).priceId) ?? idOf(default_price));
const price: SubjectOf = ({ id }) => planSubject(textOf(id));
const invoice: SubjectOf = (object) =>
  subscriptionSubject(subscriptionOf(object), object, textOf(object.id), false);
const cardSetup: SubjectOf = ({ id, object, mode }) => {
  const providerSetupId = object === 'checkout.session' && mode === 'setup' ? textOf(id) : undefined;
  return providerSetupId === undefined ? undefined : { kind: 'card_setup', providerSetupId };
};
const subscription =
  (trialEnding: boolean): SubjectOf =>
  (object) =>
    subscriptionSubject(textOf(object.id), object, idOf(object.latest_invoice), trialEnding);

const SUBJECTS: ReadonlyMap<string, SubjectOf> = new Map([
  ...forEvents('customer', 'created updated deleted', customer),
  ...forEvents('payment_method', 'attached automatically_updated detached updated', cardHolder),
  ...forEvents('product', 'updated deleted', product),
  ...forEvents('price', 'created updated deleted', price),
  ...forEvents('customer.subscription', SUBSCRIPTION_EVENTS, subscription(false)),
  ...forEvents('customer.subscription', 'trial_will_end', subscription(true)),
  ...forEvents('invoice', INVOICE_EVENTS, invoice),
  ...forEvents('checkout.session', 'completed', cardSetup),
]);

/** Types that are about a customer, a plan, a subscription or a card form. */
export const BILLING_EVENTS: readonly string[] = [...SUBJECTS.keys()];

/** As far as the event's body tells, and what was read for it. Pure. */
export function subjectOf(event: WebhookEvent): WebhookSubject | undefined {
  const thin = event.data === undefined ? readThin(jsonOf(event.payload)) : undefined;
  return thin === undefined ? subjectIn(event) : subjectNamed(thin);
}

/** Whatever is about no payment is re-fetched. Pure. */
export function mayNeedRead(event: WebhookEvent): boolean {
  const subject = subjectOf(event);
  if (subject?.kind !== 'payment') return subject !== undefined;
  return CONFIRMED.has(readEvent(event)?.type ?? '');
}

const CONFIRMED = new Set(CONFIRMED_EVENTS);
const TRANSLATED = new Set(TRANSLATED_EVENTS);

/** The id suffices for customers and prices, which are re-fetched anyway. */
function subjectNamed({ type, named }: ThinEvent): WebhookSubject | undefined {
  const billing = SUBJECTS.get(type);
  if (named === undefined || pathOfNamed(named) === undefined) return undefined;
  if (billing === customer || billing === price) return billing({ id: named.id }, {});
  return billing !== undefined || TRANSLATED.has(type) ? { kind: 'unread' } : undefined;
}

function subjectIn(event: WebhookEvent): WebhookSubject | undefined {
  const read = readEvent(event);
  if (read === undefined) return undefined;
  const billing = SUBJECTS.get(read.type)?.(read.object, read.before);
  if (billing !== undefined) return billing;
  const ref = paymentOf(read.object);
  return ref && { kind: 'payment', ref };
}

function customerSubject(providerCustomerId: string | undefined): BillingSubject | undefined {
  return providerCustomerId === undefined ? undefined : { kind: 'customer', providerCustomerId };
}

function planSubject(providerPlanId: string | undefined): BillingSubject | undefined {
  return providerPlanId === undefined ? undefined : { kind: 'plan', providerPlanId };
}

function subscriptionSubject(
  providerSubscriptionId: string | undefined,
  { customer: holder }: Json,
  periodId: string | undefined,
  trialEnding: boolean,
): BillingSubject | undefined {
  if (providerSubscriptionId === undefined) return undefined;
  const [providerCustomerId, periodIds] = [idOf(holder), periodId === undefined ? [] : [periodId]];
  return { kind: 'subscription', providerSubscriptionId, providerCustomerId, periodIds, trialEnding };
}

function paymentOf(object: Json): PaymentRef | undefined {
  switch (object.object) {
    case 'checkout.session':
      return readSession(object)?.ref;
    case 'payment_intent':
      return readIntent(object)?.ref;
    case 'charge':
      return readCharge(object)?.ref;
    case 'refund':
    case 'dispute':
      return refOfMoneyBack(object);
    default:
      return undefined;
  }
}
