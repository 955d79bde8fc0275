import type { CustomerFact } from '../../billing.facts.js';
import { isJson, jsonOf, metadataOf, textOf, timeOf } from '../../json.read.js';
import { type ConektaCard, readCard } from './conekta.card.js';
import { pageOf } from '../payment/conekta.charge.js';
import { CONEKTA } from '../conekta.name.js';

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
