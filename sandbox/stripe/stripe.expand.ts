import type { InvoiceRecord } from './billing.types.js';
import { badParameter } from './stripe.errors.js';
import type { StripeWorld } from './stripe.world.js';

const DEEPEST = 4;

/**
 * A copy of an answer with ids replaced by their objects: `payment_intent.latest_charge`, and
 * `data.payment_intent` in lists. Throws Stripe's error for a property that is not there.
 */
export function expanded(world: StripeWorld, answer: object, paths: string[]): object {
  const copy: object = structuredClone(answer);
  for (const path of paths) {
    const names = path.split('.');
    if (names.filter((name) => name !== 'data').length > DEEPEST) {
      throw badParameter(`You cannot expand more than ${DEEPEST} levels of a property.`, 'expand');
    }
    expandPath(world, copy, names, path);
  }
  return copy;
}

function expandPath(world: StripeWorld, at: object, names: string[], path: string): void {
  const [name, ...rest] = names;
  if (name === undefined) return;
  const value: unknown = Reflect.get(at, name);
  if (Array.isArray(value)) {
    for (const item of value) if (isObject(item)) expandPath(world, item, rest, path);
    return;
  }
  const target = typeof value === 'string' ? world.find(value) : (value ?? included(world, at, name));
  if (target === null && Reflect.has(at, name)) return;
  if (!isObject(target)) {
    throw badParameter(`This property cannot be expanded (${path}).`, 'expand');
  }
  const copy = typeof value === 'string' || value === undefined ? structuredClone(target) : target;
  Reflect.set(at, name, copy);
  expandPath(world, copy, rest, path);
}

/** Properties that are left out of an object unless they are asked for. */
function included(world: StripeWorld, at: object, name: string): object | null {
  const id: unknown = Reflect.get(at, 'id');
  const kind: unknown = Reflect.get(at, 'object');
  if (typeof id !== 'string') return null;
  if (kind === 'checkout.session' && name === 'line_items') {
    const lines = world.session(id).lines;
    return firstPage(lines, `/v1/checkout/sessions/${id}/line_items`);
  }
  if (kind === 'charge' && name === 'refunds') {
    const refunds = [...world.refunds.values()].filter((refund) => refund.charge === id).reverse();
    return firstPage(refunds, `/v1/charges/${id}/refunds`);
  }
  const record = kind === 'invoice' ? world.billing.invoices.get(id) : undefined;
  if (record && name === 'payments') {
    const payments = [...world.billing.invoicePayments.values()].filter(({ invoice }) => invoice === id);
    return firstPage(payments, '/v1/invoice_payments');
  }
  if (record && name === 'confirmation_secret') return confirmationSecret(world, record);
  return null;
}

/** What a browser confirms the payment of an open invoice with. */
function confirmationSecret(world: StripeWorld, { invoice, payment }: InvoiceRecord): object | null {
  const secret = world.intents.get(payment?.payment.payment_intent ?? '')?.intent.client_secret;
  return invoice.status === 'open' && secret ? { client_secret: secret, type: 'payment_intent' } : null;
}

function firstPage(items: object[], url: string): object {
  return { object: 'list', data: items.slice(0, 10), has_more: items.length > 10, url };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
