import { totalOf } from '../../../src/kernel/money.js';
import type { SessionAdjustment, SessionInput } from '../../../src/providers/payment.ports.js';
import type { Capability } from '../../../src/providers/provider.port.js';

export const PAYMENT_ID = '0199aa00-0000-7000-8000-00000000abcd';
const ORDER_ID = '0d3c6c0e-3a51-4bb5-9d0b-5e1a2b3c4d5e';
const ADA = { name: 'Ada Lovelace', email: 'ada@example.com', phone: '+525512345678' };

export interface SessionKind {
  /** Completes "opens a session …". */
  name: string;
  /** What a provider must be able to do to be asked for it. */
  needs: readonly Capability[];
  changes: Partial<SessionInput>;
}

/** Every way in which our callers can ask for a session, one at a time and together. */
export const SESSION_KINDS: readonly SessionKind[] = [
  { name: 'on a hosted page', needs: ['hosted_checkout'], changes: {} },
  { name: 'inside our own page', needs: ['embedded_checkout'], changes: { ui: 'embedded' } },
  { name: 'by card', needs: ['method:card'], changes: { paymentMethods: ['card'] } },
  { name: 'in cash', needs: ['method:cash'], changes: { paymentMethods: ['cash'] } },
  { name: 'by transfer', needs: ['method:bank_transfer'], changes: { paymentMethods: ['bank_transfer'] } },
  { name: 'now and paid later', needs: ['method:bnpl'], changes: { paymentMethods: ['bnpl'] } },
  { name: 'by bank', needs: ['method:pay_by_bank'], changes: { paymentMethods: ['pay_by_bank'] } },
  {
    name: 'by wallet',
    needs: ['method:apple', 'method:google'],
    changes: { paymentMethods: ['apple', 'google'] },
  },
  {
    name: 'by card, in cash or by transfer',
    needs: ['method:card', 'method:cash', 'method:bank_transfer'],
    changes: { paymentMethods: ['card', 'cash', 'bank_transfer'] },
  },
  { name: 'in installments', needs: ['installments'], changes: { installments: [3, 6, 12] } },
  { name: 'to be captured later', needs: ['manual_capture'], changes: { capture: 'manual' } },
  { name: 'that ends in an hour', needs: [], changes: { expiresIn: 3600 } },
  { name: 'in Spanish', needs: [], changes: { locale: 'es-MX' } },
  { name: 'in English', needs: [], changes: { locale: 'en' } },
  { name: 'without metadata', needs: [], changes: { metadata: {} } },
  { name: 'with taxes', needs: ['taxes'], changes: { taxes: [adjustment('IVA', 3200n)] } },
  { name: 'with shipping', needs: ['shipping'], changes: { shipping: [adjustment('Courier', 9900n)] } },
  { name: 'with a discount', needs: ['discounts'], changes: { discounts: [adjustment('Welcome', 1000n)] } },
  { name: 'whose card is kept', needs: ['on_demand'], changes: { onDemand: true } },
  { name: 'with the bank asked', needs: ['three_ds_mode'], changes: { threeDs: 'strict' } },
  { name: 'with the bank asked where risky', needs: ['three_ds_mode'], changes: { threeDs: 'smart' } },
  {
    name: 'of many lines and long names',
    needs: [],
    changes: {
      items: Array.from({ length: 120 }, (_, at) => ({
        name: `${'A rather long name '.repeat(12)}${at}`,
        unitAmount: 1000n,
        quantity: 2,
      })),
    },
  },
  {
    name: 'with everything at once',
    needs: ['taxes', 'shipping', 'discounts', 'installments', 'method:card', 'method:cash'],
    changes: {
      taxes: [adjustment('IVA', 3200n)],
      shipping: [adjustment('Courier', 9900n)],
      discounts: [adjustment('Welcome', 1000n)],
      installments: [3, 6],
      paymentMethods: ['card', 'cash'],
      expiresIn: 7200,
      locale: 'es',
    },
  },
];

export function kindsFor(capabilities: ReadonlySet<Capability>): SessionKind[] {
  return SESSION_KINDS.filter(({ needs }) => needs.every((capability) => capabilities.has(capability)));
}

/** Two keyboards at 199.00 MXN, with changes; the total follows them. */
export function sessionInput(changes: Partial<SessionInput> = {}): SessionInput {
  const items = changes.items ?? [{ name: 'Keyboard', unitAmount: 19_900n, quantity: 2 }];
  const { taxes = [], shipping = [], discounts = [] } = changes;
  const amount = totalOf(items, 'items') + sum(taxes) + sum(shipping) - sum(discounts);
  return {
    paymentId: PAYMENT_ID,
    orderId: ORDER_ID,
    money: { amount, currency: 'MXN' },
    items,
    taxes,
    shipping,
    discounts,
    ui: 'hosted',
    successUrl: 'https://shop.example/ok',
    cancelUrl: 'https://shop.example/cancel',
    payUrl: `https://payments.example/pay/${PAYMENT_ID}`,
    customer: ADA,
    capture: 'automatic',
    installments: [],
    onDemand: false,
    metadata: { channel: 'web' },
    now: new Date(),
    ...changes,
  };
}

function adjustment(name: string, amount: bigint): SessionAdjustment {
  return { name, amount };
}

function sum(adjustments: readonly SessionAdjustment[]): bigint {
  return adjustments.reduce((total, { amount }) => total + amount, 0n);
}
