import type { CustomerFact, SavedCard } from '../../billing.facts.js';
import { isJson, jsonOf, metadataOf, textOf, timeOf } from '../../json.read.js';
import { CONEKTA } from '../conekta.account.js';
import { pageOf } from '../conekta.client.js';

export interface ConektaCustomer {
  id: string;
  createdAt: Date;
  /** All but its cards. */
  fact: CustomerFact;
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
  const { installationId, customerId } = metadataOf(value.metadata);
  return {
    id,
    createdAt,
    fact: {
      kind: 'customer',
      provider: CONEKTA,
      livemode: value.livemode === true,
      providerCustomerId: id,
      installationId,
      customerId,
      deleted: false,
      name: textOf(value.name),
      email: textOf(value.email),
      phone: textOf(value.phone),
      cards: [],
    },
    defaultSourceId: textOf(value.default_payment_source_id),
    cards:
      jsonOf(sources).has_more === true
        ? undefined
        : byAge(pageOf(sources).flatMap((one) => readCard(one) ?? [])),
  };
}

export function byAge(cards: readonly ConektaCard[]): ConektaCard[] {
  return [...cards].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

export function customerFact(customer: ConektaCustomer, cards: readonly ConektaCard[]): CustomerFact {
  const marked =
    cards.find(({ saved }) => saved.providerSourceId === customer.defaultSourceId) ??
    cards.find(({ isDefault }) => isDefault);
  return {
    ...customer.fact,
    cards: cards.map(({ saved }) => saved),
    defaultCardId: marked?.saved.providerSourceId,
  };
}

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
  const [status, year] = [textOf(value.payment_source_status), numberOf(value.exp_year)];
  return {
    createdAt: timeOf(value.created_at) ?? new Date(0),
    isDefault: value.default === true,
    saved: {
      providerSourceId,
      brand: textOf(value.brand)?.toLowerCase(),
      last4: textOf(value.last4),
      expMonth: numberOf(value.exp_month),
      // Mostly told without its century.
      expYear: year !== undefined && year < 100 ? 2000 + year : year,
      holder: textOf(value.name),
      // Older answers have no word at all.
      blocked: status !== undefined && status !== 'active',
    },
  };
}

/** Conekta tells numbers as text. */
function numberOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : textOf(value);
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}
