import { isDeepStrictEqual } from 'node:util';
import { ServiceError } from '../../kernel/errors.js';
import type { CustomerFact } from '../../providers/billing.facts.js';
import type { Contact, CustomerAccount, CustomerRow, PaymentSourceRow } from './customer.tables.js';

const CONTACT = ['name', 'email', 'phone'] as const satisfies (keyof Contact)[];

const CARD_RULES = {
  token: 'must be a token of this provider that was not used before',
  paymentSourceId: 'must be a card that the customer still has',
  default: 'needs a customer that has a default card',
} as const;

/** What is kept of a customer and one provider. */
export interface KeptCustomer {
  customer: CustomerRow;
  account: CustomerAccount;
  /** Another provider has the customer, too. */
  elsewhere: boolean;
  /** At this provider, without removed ones. */
  cards: readonly PaymentSourceRow[];
}

const CARD_FIELDS = [
  ...(['providerSourceId', 'brand', 'last4', 'expMonth', 'expYear', 'holder'] as const),
  ...(['blocked', 'isDefault'] as const),
] as const;
type CardState = Pick<PaymentSourceRow, (typeof CARD_FIELDS)[number]>;

/** What has to be done so that we keep what the provider says. */
interface CustomerChange {
  providerCustomerId: string | null;
  told: Contact;
  /** New values of the customer. */
  contact: Contact;
  cards: readonly CardState[];
  /** No provider has the customer any more. */
  ends: boolean;
  /** It makes a new version of the customer. */
  isVisible: boolean;
  isKnown: boolean;
}

/** Pure. */
export function changeBy(kept: KeptCustomer, fact: CustomerFact): CustomerChange {
  const { customer, account } = kept;
  const before = account.told ?? {};
  const news = fact.deleted ? {} : newsOf(contactOf(fact), before);
  const contact = newsOf(news, contactOf(customer));
  const cards = fact.deleted ? [] : cardsOf(fact);
  const providerCustomerId = fact.deleted ? null : fact.providerCustomerId;
  const ends = fact.deleted && !kept.elsewhere && customer.deletedAt === null;
  const begins = customer.version === 0 && !fact.deleted;
  const isVisible = begins || ends || hasAny(contact) || !sameCards(kept.cards, cards);
  const isKnown = !isVisible && !hasAny(news) && providerCustomerId === account.providerCustomerId;
  return { providerCustomerId, told: { ...before, ...news }, contact, cards, ends, isVisible, isKnown };
}

/** What is known, without what is not. */
export function contactOf(person: { [K in keyof Contact]?: string | null | undefined }): Contact {
  return pickContact((field) => person[field] ?? undefined);
}

/** What of `said` was not said before. */
function newsOf(said: Contact, before: Contact): Contact {
  return pickContact((field) => (said[field] === before[field] ? undefined : said[field]));
}

function pickContact(valueOf: (field: keyof Contact) => string | undefined): Contact {
  const contact: Contact = {};
  for (const field of CONTACT) {
    const value = valueOf(field);
    if (value !== undefined) contact[field] = value;
  }
  return contact;
}

function hasAny(contact: Contact): boolean {
  return Object.keys(contact).length > 0;
}

/** Each card once. Pure. */
export function cardsOf({ cards, defaultCardId }: CustomerFact): CardState[] {
  const states = cards.map(({ providerSourceId, brand, last4, expMonth, expYear, holder, blocked }) => ({
    providerSourceId,
    brand: brand ?? null,
    last4: last4 ?? null,
    expMonth: expMonth ?? null,
    expYear: expYear ?? null,
    holder: holder ?? null,
    blocked,
    isDefault: providerSourceId === defaultCardId,
  }));
  return [...new Map(states.map((card) => [card.providerSourceId, card])).values()];
}

function sameCards(kept: readonly CardState[], said: readonly CardState[]): boolean {
  const textsOf = (cards: readonly CardState[]): string[] =>
    cards.map((card) => JSON.stringify(CARD_FIELDS.map((field) => card[field]))).sort();
  return isDeepStrictEqual(textsOf(kept), textsOf(said));
}

/** The card that is charged where none is named: by the customer's own provider first, else by another. Pure. */
export function defaultCardOf(
  provider: string,
  cards: readonly PaymentSourceRow[],
): PaymentSourceRow | undefined {
  const defaults = cards.filter(({ isDefault }) => isDefault);
  return defaults.find((card) => card.provider === provider) ?? defaults[0];
}

/** A card that cannot be used for what was asked, by the field that named it. */
export function unusableCard(field: keyof typeof CARD_RULES, cause?: unknown): ServiceError {
  const rule = CARD_RULES[field];
  return new ServiceError('card_unusable', `${field} ${rule}`, [{ field, rule }], { cause });
}

export function noCustomer(): ServiceError {
  return new ServiceError('not_found', 'there is no such customer');
}
