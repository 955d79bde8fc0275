import type { CustomerFact, SavedCard } from '../../billing.facts.js';
import { idOf, integerOf, isJson, jsonOf, metadataOf, textOf, timeOf } from '../../json.read.js';
import { STRIPE } from '../stripe.account.js';

/** @param cards in Stripe's order. @returns undefined for anything but a customer. */
export function customerFact(
  value: unknown,
  cards: readonly unknown[],
  livemode: boolean,
): CustomerFact | undefined {
  if (!isJson(value) || value.object !== 'customer') return undefined;
  const providerCustomerId = textOf(value.id);
  if (providerCustomerId === undefined) return undefined;
  const deleted = value.deleted === true;
  const saved = deleted ? [] : oldestFirst(cards);
  const { installationId, customerId } = metadataOf(value.metadata);
  const preferred = idOf(jsonOf(value.invoice_settings).default_payment_method);
  return {
    kind: 'customer',
    provider: STRIPE,
    livemode,
    providerCustomerId,
    installationId: textOf(installationId),
    customerId: textOf(customerId),
    deleted,
    name: textOf(value.name),
    email: textOf(value.email),
    phone: textOf(value.phone),
    cards: saved,
    // May be no card, but a bank account.
    defaultCardId: saved.find((card) => card.providerSourceId === preferred)?.providerSourceId,
  };
}

function oldestFirst(cards: readonly unknown[]): SavedCard[] {
  const created = (card: unknown): number => timeOf(jsonOf(card).created)?.getTime() ?? 0;
  // Newest first, and two may be of the same second.
  return cards
    .toReversed()
    .toSorted((a, b) => created(a) - created(b))
    .flatMap((card) => savedCard(card) ?? []);
}

/** Undefined for anything but a card. */
function savedCard(value: unknown): SavedCard | undefined {
  if (!isJson(value) || value.object !== 'payment_method' || value.type !== 'card') return undefined;
  const providerSourceId = textOf(value.id);
  if (providerSourceId === undefined) return undefined;
  const card = jsonOf(value.card);
  return {
    providerSourceId,
    brand: textOf(card.brand),
    last4: textOf(card.last4),
    expMonth: integerOf(card.exp_month),
    expYear: integerOf(card.exp_year),
    holder: textOf(jsonOf(value.billing_details).name),
    // Stripe does not say; a declined charge shows it.
    blocked: false,
  };
}
