import type { CustomerFact, SavedCard } from '../../billing.facts.js';
import { isJson, jsonOf, metadataOf, textOf, timeOf } from '../../json.read.js';
import { CONEKTA } from '../conekta.account.js';
import { pageOf } from '../payment/conekta.charge.read.js';

/** A customer as Conekta tells it. */
export interface ConektaCustomer {
  id: string;
  createdAt: Date;
  livemode: boolean;
  metadata: Readonly<Record<string, string>>;
  name: string | undefined;
  email: string | undefined;
  phone: string | undefined;
  defaultSourceId: string | undefined;
  /** Oldest first; undefined: there are more than the answer shows. */
  cards: readonly ConektaCard[] | undefined;
}

/** Undefined for anything but a customer. */
export function readCustomer(value: unknown): ConektaCustomer | undefined {
  if (!isJson(value) || value.object !== 'customer') return undefined;
  const [id, createdAt] = [textOf(value.id), timeOf(value.created_at)];
  if (id === undefined || createdAt === undefined) return undefined;
  const { payment_sources: sources } = value;
  return {
    id,
    createdAt,
    livemode: value.livemode === true,
    metadata: metadataOf(value.metadata),
    name: textOf(value.name),
    email: textOf(value.email),
    phone: textOf(value.phone),
    defaultSourceId: textOf(value.default_payment_source_id),
    cards: jsonOf(sources).has_more === true ? undefined : readCards(pageOf(sources)),
  };
}

export function readCards(values: readonly unknown[]): ConektaCard[] {
  return values
    .flatMap((one) => readCard(one) ?? [])
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

export function customerFact(customer: ConektaCustomer, cards: readonly ConektaCard[]): CustomerFact {
  const { id, livemode, metadata, name, email, phone, defaultSourceId } = customer;
  const marked =
    cards.find(({ saved }) => saved.providerSourceId === defaultSourceId) ??
    cards.find(({ isDefault }) => isDefault);
  return {
    kind: 'customer',
    provider: CONEKTA,
    livemode,
    providerCustomerId: id,
    installationId: metadata.installationId,
    customerId: metadata.customerId,
    deleted: false,
    name,
    email,
    phone,
    cards: cards.map(({ saved }) => saved),
    defaultCardId: marked?.saved.providerSourceId,
  };
}

/** What is left to say of one that Conekta does not know any more. */
export function goneCustomer(providerCustomerId: string, livemode: boolean): CustomerFact {
  return { kind: 'customer', provider: CONEKTA, livemode, providerCustomerId, deleted: true, cards: [] };
}

/** A card of a customer as Conekta tells it. */
export interface ConektaCard {
  createdAt: Date;
  isDefault: boolean;
  saved: SavedCard;
}

/** Undefined for any other payment source: references of shops and CLABEs have none of a card's fields. */
export function readCard(value: unknown): ConektaCard | undefined {
  if (!isJson(value) || value.type !== 'card') return undefined;
  const providerSourceId = textOf(value.id);
  if (providerSourceId === undefined) return undefined;
  const status = textOf(value.payment_source_status);
  return {
    createdAt: timeOf(value.created_at) ?? new Date(0),
    isDefault: value.default === true,
    saved: {
      providerSourceId,
      brand: textOf(value.brand)?.toLowerCase(),
      last4: textOf(value.last4),
      expMonth: numberOf(value.exp_month),
      expYear: yearOf(value.exp_year),
      holder: textOf(value.name),
      // Only the one word stands for a card that works; older answers have no word at all.
      blocked: status !== undefined && status !== 'active',
    },
  };
}

/** Conekta tells both parts as text, the year mostly without its century. */
function yearOf(value: unknown): number | undefined {
  const year = numberOf(value);
  return year !== undefined && year < 100 ? 2000 + year : year;
}

function numberOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : textOf(value);
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}
