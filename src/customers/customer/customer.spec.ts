import { describe, expect, it } from '@jest/globals';
import { savedCard } from '../../../test/support/domain/fake.customers.js';
import type { CustomerFact } from '../../providers/billing.facts.js';
import type { CustomerAccount, CustomerRow, PaymentSourceRow } from './customer.tables.js';
import { cardsOf, changeBy, type KeptCustomer } from './customer.js';
import { customerUpdated } from './customer.truth.js';
import { customerView } from './customer.view.js';

const AT = new Date('2026-03-01T12:00:00Z');
const CUSTOMER: CustomerRow = {
  id: '0195a000-0000-7000-8000-000000000001',
  provider: 'main',
  name: 'Ana Prado',
  email: 'ana@shop.example',
  phone: null,
  metadata: { tier: 'gold' },
  caller: 'shop',
  version: 3,
  createdAt: AT,
  updatedAt: AT,
  deletedAt: null,
};
const ACCOUNT: CustomerAccount = {
  customerId: CUSTOMER.id,
  provider: 'main',
  livemode: false,
  providerCustomerId: 'cus_1',
  told: { name: 'Ana Prado', email: 'ana@shop.example' },
  confirmedAt: AT,
  createdAt: AT,
};
const VISA = savedCard({ providerSourceId: 'src_1' });
const FACT: CustomerFact = {
  kind: 'customer',
  provider: 'main',
  livemode: false,
  providerCustomerId: 'cus_1',
  deleted: false,
  name: 'Ana Prado',
  email: 'ana@shop.example',
  cards: [VISA],
  defaultCardId: 'src_1',
};

function rowsOf(fact: CustomerFact): PaymentSourceRow[] {
  return cardsOf(fact).map((card) => ({
    ...card,
    id: `id of ${card.providerSourceId}`,
    customerId: CUSTOMER.id,
    provider: fact.provider,
    createdAt: AT,
    removedAt: null,
  }));
}

const kept = (changes: Partial<KeptCustomer> = {}): KeptCustomer => ({
  customer: CUSTOMER,
  account: ACCOUNT,
  elsewhere: false,
  cards: rowsOf(FACT),
  ...changes,
});

describe('what a provider says of a customer', () => {
  it('changes nothing when it is kept already, in whatever order the cards are told', () => {
    const two = { ...FACT, cards: [VISA, savedCard({ providerSourceId: 'src_2' })] };
    const turned = { ...two, cards: two.cards.toReversed() };
    expect(changeBy(kept({ cards: rowsOf(two) }), turned)).toMatchObject({ isVisible: false, isKnown: true });
  });

  it.each<[string, Partial<CustomerFact>]>([
    ['another name', { name: 'Ana P. Prado' }],
    ['a phone', { phone: '+525512345678' }],
    ['a new card', { cards: [VISA, savedCard()] }],
    ['no card', { cards: [], defaultCardId: undefined }],
    ['a blocked card', { cards: [{ ...VISA, blocked: true }] }],
    ['a renewed card', { cards: [{ ...VISA, expYear: 2040 }] }],
    ['another default', { defaultCardId: undefined }],
    ['its end', { deleted: true, cards: [] }],
  ])('is a new version with %s', (_what, said) => {
    expect(changeBy(kept(), { ...FACT, ...said })).toMatchObject({ isVisible: true, isKnown: false });
  });

  it('counts for the person only where it is new: what another provider said since stays', () => {
    const renamed = { ...CUSTOMER, name: 'Ana at the other' };
    expect(changeBy(kept({ customer: renamed }), FACT).contact).toEqual({});
    const newer = { ...FACT, name: 'Ana once more' };
    expect(changeBy(kept({ customer: renamed }), newer).contact).toEqual({ name: 'Ana once more' });
  });

  it('takes nothing away that it does not say', () => {
    const change = changeBy(kept(), { ...FACT, email: undefined });
    expect(change).toMatchObject({ contact: {}, isKnown: true });
    expect(change.told).toEqual(ACCOUNT.told);
  });

  it('ends the customer only when no other provider has it', () => {
    const gone = { ...FACT, deleted: true, cards: [] };
    expect(changeBy(kept(), gone)).toMatchObject({ ends: true, providerCustomerId: null });
    expect(changeBy(kept({ elsewhere: true }), gone)).toMatchObject({ ends: false, isVisible: true });
  });
});

describe('a customer', () => {
  const cards = [
    ...rowsOf({ ...FACT, provider: 'other', cards: [savedCard()], defaultCardId: undefined }),
    ...rowsOf(FACT),
  ];

  it('is announced with its cards and without who it is', () => {
    const message = customerUpdated(CUSTOMER, cards, {
      id: '0195a000-0000-7000-8000-00000000000e',
      occurredAt: AT,
      livemode: false,
      source: 'https://pay.example',
    });
    const { data } = JSON.parse(message.body);
    expect(message).toMatchObject({ subject: 'payments.events.customer.updated', key: CUSTOMER.id });
    expect(Object.keys(data)).toEqual([
      'eventId',
      'type',
      'occurredAt',
      'customerId',
      'provider',
      'livemode',
      'version',
      'deleted',
      'defaultPaymentSourceId',
      'paymentSources',
      'metadata',
    ]);
    expect(data).toMatchObject({ defaultPaymentSourceId: 'id of src_1', deleted: false, version: 3 });
    expect(Object.keys(data.paymentSources[0])).toEqual([
      'paymentSourceId',
      'brand',
      'last4',
      'expMonth',
      'expYear',
      'blocked',
      'isDefault',
    ]);
  });

  it('is answered with the default card of its own provider, else of another', () => {
    const view = customerView(
      CUSTOMER,
      [ACCOUNT, { ...ACCOUNT, provider: 'new', providerCustomerId: null }],
      cards,
    );
    expect(view).toMatchObject({ providerIds: { main: 'cus_1' }, defaultPaymentSourceId: 'id of src_1' });
    expect(view).not.toHaveProperty('deleted');
    const away = customerView({ ...CUSTOMER, provider: 'other' }, [ACCOUNT], cards);
    expect(away.defaultPaymentSourceId).toBe('id of src_1');
    expect(customerView(CUSTOMER, [], []).defaultPaymentSourceId).toBeNull();
  });
});
