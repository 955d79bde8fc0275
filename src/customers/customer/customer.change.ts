import type { CustomerFact, SavedCard } from '../../providers/billing.facts.js';
import type { PaymentSourceRow } from '../card/card.tables.js';
import { type Contact, contactOf, newsOf } from './contact.js';
import type { CustomerAccount, CustomerRow } from './customer.tables.js';

/** What is kept of a customer and one provider. */
export interface KeptCustomer {
  customer: CustomerRow;
  account: CustomerAccount;
  /** Another provider has the customer, too. */
  elsewhere: boolean;
  /** At this provider, without those that were removed. */
  cards: readonly PaymentSourceRow[];
}

export type CardState = Pick<
  PaymentSourceRow,
  'providerSourceId' | 'brand' | 'last4' | 'expMonth' | 'expYear' | 'holder' | 'blocked' | 'isDefault'
>;

/** What has to be done so that we keep what the provider says. */
export interface CustomerChange {
  providerCustomerId: string | null;
  told: Contact;
  /** New values of the customer. */
  contact: Contact;
  /** Every card there is. */
  cards: readonly CardState[];
  /** No provider has the customer any more. */
  ends: boolean;
  /** The customer is another one than before: a new version. */
  isVisible: boolean;
  /** All of it is kept already. */
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

/** Each card once. Pure. */
export function cardsOf({ cards, defaultCardId }: CustomerFact): CardState[] {
  const states = cards.map((card) => stateOf(card, card.providerSourceId === defaultCardId));
  return [...new Map(states.map((card) => [card.providerSourceId, card])).values()];
}

function stateOf(card: SavedCard, isDefault: boolean): CardState {
  return {
    providerSourceId: card.providerSourceId,
    brand: card.brand ?? null,
    last4: card.last4 ?? null,
    expMonth: card.expMonth ?? null,
    expYear: card.expYear ?? null,
    holder: card.holder ?? null,
    blocked: card.blocked,
    isDefault,
  };
}

function hasAny(contact: Contact): boolean {
  return Object.keys(contact).length > 0;
}

function sameCards(kept: readonly CardState[], said: readonly CardState[]): boolean {
  const texts = (cards: readonly CardState[]): string => cards.map(textOf).sort().join('\n');
  return texts(kept) === texts(said);
}

function textOf(card: CardState): string {
  const { providerSourceId, brand, last4, expMonth, expYear, holder, blocked, isDefault } = card;
  return JSON.stringify([providerSourceId, brand, last4, expMonth, expYear, holder, blocked, isDefault]);
}
